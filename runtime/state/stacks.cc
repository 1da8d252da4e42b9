#include "state/stacks.h"

#include <algorithm>

#include "base/limits_api.h"
#include "state/document.h"
#include "state/naming.h"
#include "state/stored_file.h"

namespace smhost {
namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::size_t kStackNameLength = 128;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Status CheckStackName(const std::string& name) {
  if (Stacks::IsStackName(name)) return {};
  return Fail(Code::kInvalid, "\"" + name.substr(0, kStackNameLength) + "\": no name of a stack: a letter, then letters, digits and hyphens");
}

// The last part of a stack's ARN, as it becomes a file's name.
Status CheckStackId(const std::string& id) {
  const bool fits = !id.empty() && id.size() <= 64 &&
                    std::all_of(id.begin(), id.end(), [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; });
  if (fits) return {};
  return Fail(Code::kNotFound, "no stack has this id");
}

}  // namespace

bool Stacks::IsStackName(const std::string& name) {
  return !name.empty() && name.size() <= kStackNameLength && IsLetter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; });
}

Result<std::unique_ptr<HeldLock>> Stacks::Lock(const std::string& account) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  const std::string folder = Folder(account);
  if (!files_.Exists(RetiredFolder(account))) SMHOST_TRY_STATUS(files_.MakeFolders(RetiredFolder(account), 0700));
  auto lock = files_.Lock(folder + "/lock", std::chrono::seconds(10));
  if (!lock && lock.error().code == Code::kConflict)
    return Fail(Code::kConflict, "Another operation is changing stacks of account " + account + "; try again when it is done.");
  if (!lock) return lock;
  for (const std::string& place : {folder, RetiredFolder(account)}) {
    SMHOST_TRY(auto entries, files_.List(place));
    for (const FileEntry& entry : entries)
      if (IsTemporaryName(entry.name)) (void)files_.Remove(place + "/" + entry.name);
  }
  return lock;
}

Result<std::vector<std::string>> Stacks::NamesIn(const std::string& folder) {
  auto entries = files_.List(folder);
  if (!entries && entries.error().code == Code::kNotFound) return std::vector<std::string>();
  if (!entries) return Fail(std::move(entries).error());
  std::vector<std::string> names;
  for (const FileEntry& entry : *entries)
    if (!entry.is_folder && entry.name.ends_with(kSuffix))
      names.push_back(entry.name.substr(0, entry.name.size() - kSuffix.size()));
  return names;
}

Result<std::vector<std::string>> Stacks::Names(const std::string& account) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  return NamesIn(Folder(account));
}

Result<Json> Stacks::Get(const std::string& account, const std::string& name) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(CheckStackName(name));
  SMHOST_TRY(Stored<Json> stored, ReadWithPrevious<Json>(files_, Path(account, name), DecodeSealed));
  return std::move(stored.value);
}

Status Stacks::Write(const std::string& path, const Json& stack) {
  const std::string text = EncodeSealed(stack);
  if (text.size() > limits::kStateFileBytes)
    return Fail(Code::kTooLarge, path + ": would have more than the " + std::to_string(limits::kStateFileBytes) +
                                     " bytes that a file of the state may have");
  SMHOST_TRY_STATUS(files_.MakeFolders(FolderOf(path), 0700));
  return WriteKeepingPrevious(files_, path, text);
}

Status Stacks::Put(const std::string& account, const std::string& name, const Json& stack) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(CheckStackName(name));
  return Write(Path(account, name), stack);
}

Status Stacks::Retire(const std::string& account, const std::string& name, const std::string& id, const Json& stack) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(CheckStackName(name));
  SMHOST_TRY_STATUS(CheckStackId(id));
  SMHOST_TRY_STATUS(Write(RetiredPath(account, id), stack));
  if (Status removed = RemoveDurably(files_, Path(account, name)); !removed && removed.error().code != Code::kNotFound) return removed;
  return ForgetOldest(account);
}

Status Stacks::ForgetOldest(const std::string& account) {
  SMHOST_TRY(auto ids, NamesIn(RetiredFolder(account)));
  std::vector<std::pair<WallTime, std::string>> by_age;
  for (const std::string& id : ids)
    if (const auto info = files_.Info(RetiredPath(account, id))) by_age.emplace_back(info->modified, id);
  std::sort(by_age.begin(), by_age.end());
  for (std::size_t i = 0; i + limits::kDeletedStacks < by_age.size(); ++i)
    SMHOST_TRY_STATUS(RemoveDurably(files_, RetiredPath(account, by_age[i].second)));
  return {};
}

Result<Json> Stacks::GetRetired(const std::string& account, const std::string& id) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(CheckStackId(id));
  SMHOST_TRY(Stored<Json> stored, ReadWithPrevious<Json>(files_, RetiredPath(account, id), DecodeSealed));
  return std::move(stored.value);
}

Result<std::vector<Json>> Stacks::Retired(const std::string& account) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY(auto ids, NamesIn(RetiredFolder(account)));
  std::vector<Json> stacks;
  for (const std::string& id : ids)
    if (auto stack = GetRetired(account, id)) stacks.push_back(std::move(*stack));
  return stacks;
}

}  // namespace smhost
