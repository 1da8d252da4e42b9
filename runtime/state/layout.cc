#include "state/layout.h"

#include <unistd.h>

#include <set>

#include "base/json.h"
#include "base/limits.h"

namespace smhost {
namespace {

// What smhost itself puts into its root, and what a mounted file system brings along.
bool IsOurs(const std::string& name) {
  static const std::set<std::string> kNames = {
      "accounts", "artifacts",        "objects",    "quarantine",     "logs",           "run",       "scratch", "lock",
      "format",   "credentials.json", "history.db", "history.db-wal", "history.db-shm", "lost+found"};
  return kNames.count(name) != 0 || IsTemporaryName(name);
}

Status CheckFormat(const std::string& path, const std::string& text) {
  auto json = ParseJson(text, path, limits::kStateFileBytes);
  std::int64_t format = json ? IntOr(*json, "format", 0) : 0;
  if (format == kHomeFormat) return {};
  if (format > kHomeFormat)
    return Fail(Code::kNewerFormat, path + ": this state directory has format " + std::to_string(format) +
                                        ", which a newer smhost wrote; this one knows " + std::to_string(kHomeFormat) +
                                        ": use the newer smhost, or another directory with --home DIR");
  return Fail(Code::kCorrupt, path +
                                  ": does not say which format the state directory has; if this smhost wrote it, "
                                  "put the line {\"format\":1} into that file, else choose another with --home DIR");
}

Status CheckIsOurs(Files& files, const Home& home) {
  SMHOST_TRY(auto entries, files.List(home.root()));
  for (const FileEntry& entry : entries) {
    if (IsOurs(entry.name)) continue;
    return Fail(Code::kConflict, home.root() + ": is no state directory of smhost, and not empty (it holds \"" +
                                     entry.name + "\"); choose another with --home DIR");
  }
  return {};
}

Status CheckRoot(const Home& home, const FileInfo& root) {
  if (!root.is_folder)
    return Fail(Code::kConflict, home.root() + ": is not a folder; choose a state directory with --home DIR");
  if (root.owner != ::geteuid())
    return Fail(Code::kDenied, home.root() + ": belongs to user " + std::to_string(root.owner) + ", not to user " +
                                   std::to_string(::geteuid()) + " who runs smhost; choose another with --home DIR");
  return {};
}

// True: the format file is there and is one of ours.
Result<bool> Examine(Files& files, const Home& home, const FileInfo& root) {
  SMHOST_TRY_STATUS(CheckRoot(home, root));
  auto format = files.Read(home.Format(), limits::kStateFileBytes);
  if (format) {
    SMHOST_TRY_STATUS(CheckFormat(home.Format(), *format));
    return true;
  }
  if (format.error().code != Code::kNotFound) return Fail(std::move(format).error());
  SMHOST_TRY_STATUS(CheckIsOurs(files, home));
  return false;
}

}  // namespace

Status CheckHome(Files& files, const Home& home) {
  auto root = files.Info(home.root());
  if (!root && root.error().code == Code::kNotFound)
    return Fail(Code::kNotFound,
                home.root() + ": there is no state directory yet; `smhost up` or `smhost apply` makes it");
  if (!root) return Fail(std::move(root).error());
  return Examine(files, home, *root).map([](bool) {});
}

Status PrepareHome(Files& files, const Home& home) {
  bool known = false;
  auto root = files.Info(home.root());
  if (!root && root.error().code != Code::kNotFound) return Fail(std::move(root).error());
  if (root) {
    SMHOST_TRY(known, Examine(files, home, *root));
    if (root->mode != 0700) SMHOST_TRY_STATUS(files.SetMode(home.root(), 0700));
  }
  for (const std::string& folder :
       {home.root(), home.Account(kLocalAccount), home.Artifacts(), home.Objects(), home.Quarantine(), home.Logs(),
        home.Run() + "/templates", home.Run() + "/instances", home.root() + "/scratch"})
    if (!files.Exists(folder)) SMHOST_TRY_STATUS(files.MakeFolders(folder, 0700));
  if (known) return {};
  // The format file comes last, after all else is durable: whoever sees it need not look. Synced here too, because
  // another command that makes the same folders at this moment may not have come to it yet.
  for (const std::string& folder : {home.root() + "/accounts", home.root(), FolderOf(home.root())})
    SMHOST_TRY_STATUS(files.SyncFolder(folder));
  return WriteDurably(files, home.Format(), CompactJson({{"format", kHomeFormat}}) + "\n");
}

}  // namespace smhost
