#include "state/store.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/limits.h"
#include "resources/arn.h"
#include "resources/name.h"
#include "state/document.h"
#include "state/naming.h"

namespace smhost {
namespace {
constexpr std::string_view kDocumentSuffix = ".json";
}  // namespace

Store::Store(Files& files, const Clock& clock, Home home, std::string region)
    : files_(files), clock_(clock), home_(std::move(home)), region_(std::move(region)) {}

std::string Store::ResourcePath(const std::string& account, Kind kind, const std::string& name) const {
  return home_.Resource(account, InfoOf(kind).word, name);
}
std::string Store::ResourceFolder(const std::string& account, Kind kind) const {
  return FolderOf(ResourcePath(account, kind, "x"));
}
std::string Store::JournalFolder(const std::string& account) const { return FolderOf(home_.Journal(account, "x")); }

std::string Store::ArnOf(const std::string& account, Kind kind, const std::string& name) const {
  return MakeArn(kind, region_, account, name);
}

tl::unexpected<Error> Store::NotFound(const std::string& account, Kind kind, const std::string& name) const {
  return Fail(Code::kNotFound,
              std::string("Could not find ") + InfoOf(kind).prose + " \"" + ArnOf(account, kind, name) + "\".",
              ResourceLabel(kind, name));
}

Result<std::vector<std::string>> Store::NamesIn(const std::string& folder) {
  auto entries = files_.List(folder);
  if (!entries && entries.error().code == Code::kNotFound) return std::vector<std::string>();
  if (!entries) return Fail(std::move(entries).error());
  std::vector<std::string> names;
  for (const FileEntry& entry : *entries) {
    if (!entry.name.ends_with(kDocumentSuffix)) continue;
    std::string name = entry.name.substr(0, entry.name.size() - kDocumentSuffix.size());
    if (IsName(name)) names.push_back(name);
  }
  return names;
}

// --- resources

Result<std::vector<std::string>> Store::Accounts() {
  auto entries = files_.List(home_.root() + "/accounts");
  if (!entries && entries.error().code == Code::kNotFound) return std::vector<std::string>();
  if (!entries) return Fail(std::move(entries).error());
  std::vector<std::string> accounts;
  for (const FileEntry& entry : *entries)
    if (entry.is_folder && CheckAccount(entry.name)) accounts.push_back(entry.name);
  return accounts;
}

Result<Stored<Resource>> Store::ReadResource(const std::string& account, Kind kind, const std::string& name) {
  auto stored = ReadWithPrevious<Resource>(
      files_, ResourcePath(account, kind, name),
      [&](const std::string& text, const std::string& path) { return DecodeResource(text, kind, name, path); });
  if (!stored && stored.error().code == Code::kNotFound) return NotFound(account, kind, name);
  if (!stored) return Fail(stored.error().code, stored.error().message, ResourceLabel(kind, name));
  return stored;
}

Result<Resource> Store::Get(const std::string& account, Kind kind, const std::string& name) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(kind, name));
  SMHOST_TRY(Stored<Resource> stored, ReadResource(account, kind, name));
  return std::move(stored.value);
}

Result<std::vector<std::string>> Store::Names(const std::string& account, Kind kind) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY(auto names, NamesIn(ResourceFolder(account, kind)));
  std::sort(names.begin(), names.end());  // the files' names sort otherwise: "a-b.json" is before "a.json"
  return names;
}

Result<Listing> Store::List(const std::string& account, Kind kind) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY(auto names, NamesIn(ResourceFolder(account, kind)));
  Listing listing;
  for (const std::string& name : names) {
    auto stored = ReadResource(account, kind, name);
    if (!stored) {
      if (stored.error().code == Code::kNotFound) continue;  // deleted meanwhile
      listing.incidents.push_back({stored.error().code, stored.error().resource, stored.error().message, false});
      continue;
    }
    if (!stored->damage.empty())
      listing.incidents.push_back(
          {Code::kCorrupt, ResourceLabel(kind, name), stored->damage + "; its previous copy is used", true});
    listing.resources.push_back(std::move(stored->value));
  }
  return listing;
}

// --- statuses

Result<Json> Store::GetStatus(const std::string& account, Kind kind, const std::string& name) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(kind, name));
  std::string path = home_.Status(account, InfoOf(kind).word, name);
  auto text = ReadStateFile(files_, path);
  auto status = text.and_then([&](const std::string& bytes) { return DecodeSealed(bytes, path); });
  if (!status && status.error().code == Code::kCorrupt)
    return Fail(Code::kNotFound, status.error().message, ResourceLabel(kind, name));
  return status;
}

Status Store::PutStatus(const std::string& account, Kind kind, const std::string& name, const Json& status) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(kind, name));
  std::string path = home_.Status(account, InfoOf(kind).word, name);
  std::string text = EncodeSealed(status);
  auto known = status_texts_.find(path);
  if (known != status_texts_.end() && known->second == text) return {};
  if (!files_.Exists(FolderOf(path))) SMHOST_TRY_STATUS(files_.MakeFolders(FolderOf(path), 0700));
  SMHOST_FAILPOINT_STATUS(status_write);
  SMHOST_TRY_STATUS(WriteAtomically(files_, path, text));
  SMHOST_FAILPOINT(status_written);
  status_texts_[path] = std::move(text);
  return {};
}

Status Store::RemoveStatus(const std::string& account, Kind kind, const std::string& name) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(kind, name));
  std::string path = home_.Status(account, InfoOf(kind).word, name);
  status_texts_.erase(path);
  Status removed = files_.Remove(path);
  if (!removed && removed.error().code != Code::kNotFound) return removed;
  return {};
}

Result<std::vector<std::string>> Store::StatusNames(const std::string& account, Kind kind) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  return NamesIn(FolderOf(home_.Status(account, InfoOf(kind).word, "x")));
}

// --- journals and revisions

Result<Json> Store::GetSealed(const std::string& path, const std::string& account, const std::string& endpoint) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(Kind::kEndpoint, endpoint));
  SMHOST_TRY(Stored<Json> stored, ReadWithPrevious<Json>(files_, path, DecodeSealed));
  return std::move(stored.value);
}

Status Store::PutSealed(const std::string& path, const std::string& account, const std::string& endpoint, Json content) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(Kind::kEndpoint, endpoint));
  std::string text = EncodeSealed(std::move(content));
  if (text.size() > limits::kStateFileBytes)
    return Fail(Code::kTooLarge,
                path + ": would have more than the " + std::to_string(limits::kStateFileBytes) +
                    " bytes that a file of the state may have",
                ResourceLabel(Kind::kEndpoint, endpoint));
  SMHOST_TRY_STATUS(files_.MakeFolders(FolderOf(path), 0700));
  return WriteKeepingPrevious(files_, path, text);
}

Status Store::RemoveSealed(const std::string& path, const std::string& account, const std::string& endpoint) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(Kind::kEndpoint, endpoint));
  Status removed = RemoveDurably(files_, path);
  if (removed || removed.error().code != Code::kNotFound) return removed;
  // An earlier try may have removed it and failed to make that durable.
  if (!files_.Exists(FolderOf(path))) return {};
  return files_.SyncFolder(FolderOf(path));
}

Result<Json> Store::GetJournal(const std::string& account, const std::string& endpoint) {
  return GetSealed(home_.Journal(account, endpoint), account, endpoint);
}
Status Store::PutJournal(const std::string& account, const std::string& endpoint, Json journal) {
  SMHOST_FAILPOINT_STATUS(journal_write);
  SMHOST_TRY_STATUS(PutSealed(home_.Journal(account, endpoint), account, endpoint, std::move(journal)));
  SMHOST_FAILPOINT(journal_written);
  return {};
}
Status Store::RemoveJournal(const std::string& account, const std::string& endpoint) {
  return RemoveSealed(home_.Journal(account, endpoint), account, endpoint);
}

Result<std::vector<std::string>> Store::ListJournals(const std::string& account) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  return NamesIn(JournalFolder(account));
}

Result<Json> Store::GetRevisions(const std::string& account, const std::string& endpoint) {
  return GetSealed(home_.Revisions(account, endpoint), account, endpoint);
}
Status Store::PutRevisions(const std::string& account, const std::string& endpoint, Json revisions) {
  return PutSealed(home_.Revisions(account, endpoint), account, endpoint, std::move(revisions));
}
Status Store::RemoveRevisions(const std::string& account, const std::string& endpoint) {
  return RemoveSealed(home_.Revisions(account, endpoint), account, endpoint);
}

}  // namespace smhost
