#include "state/stored_file.h"

#include "base/random.h"

namespace smhost {
namespace {

// "000000000000-resources-endpoint-vad.json": tells where the file was, without a slash.
std::string FlatName(const Home& home, const std::string& path) {
  std::string name = path;
  for (const std::string& prefix : {home.root() + "/accounts/", home.root() + "/"}) {
    if (name.compare(0, prefix.size(), prefix) != 0) continue;
    name = name.substr(prefix.size());
    break;
  }
  for (char& c : name)
    if (c == '/') c = '-';
  return name;
}

}  // namespace

Result<std::string> ReadStateFile(Files& files, const std::string& path) {
  auto text = files.Read(path, limits::kStateFileBytes);
  if (!text && text.error().code == Code::kTooLarge)
    return Fail(Code::kCorrupt, path + ": is damaged: it is larger than any file of ours");
  return text;
}

Status DropStalePrevious(Files& files, const std::string& path) {
  if (files.Exists(path) || !files.Exists(path + kPreviousSuffix)) return {};
  return files.Remove(path + kPreviousSuffix);
}

Status WriteKeepingPrevious(Files& files, const std::string& path, std::string_view text) {
  SMHOST_TRY_STATUS(DropStalePrevious(files, path));
  return WriteDurably(files, path, text, 0600, true);
}

Result<std::string> CopyToQuarantine(Files& files, const Clock& clock, const Home& home, const std::string& path) {
  SMHOST_TRY_STATUS(files.MakeFolders(home.Quarantine(), 0700));
  std::string target =
      home.Quarantine() + "/" + FormatIso8601(clock.Wall()) + "-" + RandomHex(4) + "-" + FlatName(home, path);
  SMHOST_TRY_STATUS(files.Link(path, target));
  SMHOST_TRY_STATUS(files.SyncFolder(home.Quarantine()));
  return target;
}

}  // namespace smhost
