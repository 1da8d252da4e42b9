// Store: what a crash, a failing disk or a stranger left behind.
#include "base/limits.h"
#include "resources/name.h"
#include "state/document.h"
#include "state/document_batch.h"
#include "state/naming.h"
#include "state/store.h"

namespace smhost {
namespace {

constexpr std::chrono::minutes kRootTemporaryAge{10};  // a command that writes there takes milliseconds

}  // namespace

Result<std::string> Store::PutAside(const std::string& path, bool both) {
  SMHOST_TRY(std::string target, CopyToQuarantine(files_, clock_, home_, path));
  std::string previous = path + kPreviousSuffix;
  if (!both || !files_.Exists(previous)) return "it lies in " + target;
  SMHOST_TRY(std::string second, CopyToQuarantine(files_, clock_, home_, previous));
  SMHOST_TRY_STATUS(files_.Remove(previous));
  return "it and its previous copy lie in " + target + " and " + second;
}

Result<std::optional<Incident>> Store::RepairResource(const std::string& account, Kind kind, const std::string& name) {
  std::string path = ResourcePath(account, kind, name), label = ResourceLabel(kind, name);
  auto stored = ReadResource(account, kind, name);
  if (stored && stored->damage.empty()) return std::nullopt;
  if (stored) {
    SMHOST_TRY(std::string where, PutAside(path, false));
    SMHOST_TRY_STATUS(WriteDurably(files_, path, EncodeResource(stored->value)));
    return Incident{Code::kCorrupt, label, stored->damage + "; " + where + "; its previous copy is used", true};
  }
  const Error& error = stored.error();
  if (error.code == Code::kNotFound) return std::nullopt;
  if (!IsDamage(error)) return Incident{error.code, label, error.message, false};
  auto text = ReadStateFile(files_, path);
  if (text && DecodeLost(*text, path)) return Incident{error.code, label, error.message, false};
  SMHOST_TRY(std::string where, PutAside(path, true));
  std::string message = error.message + "; " + where + "; apply the " + InfoOf(kind).prose + " again, or delete it";
  SMHOST_TRY_STATUS(WriteDurably(files_, path, EncodeLost(kind, message)));
  return Incident{Code::kCorrupt, label, message, false};
}

Result<std::optional<Incident>> Store::RepairSealed(const std::string& path, const std::string& endpoint,
                                                    const char* consequence) {
  std::string label = ResourceLabel(Kind::kEndpoint, endpoint);
  auto stored = ReadWithPrevious<Json>(files_, path, DecodeSealed);
  if (stored && stored->damage.empty()) return std::nullopt;
  if (stored) {
    SMHOST_TRY(std::string where, PutAside(path, false));
    SMHOST_TRY_STATUS(WriteDurably(files_, path, EncodeSealed(stored->value)));
    return Incident{Code::kCorrupt, label, stored->damage + "; " + where + "; its previous copy is used", true};
  }
  const Error& error = stored.error();
  if (error.code == Code::kNotFound) return std::nullopt;
  if (!IsDamage(error)) return Incident{error.code, label, error.message, false};
  SMHOST_TRY(std::string where, PutAside(path, true));
  SMHOST_TRY_STATUS(RemoveDurably(files_, path));
  return Incident{Code::kCorrupt, label, error.message + "; " + where + "; " + consequence, false};
}

Status Store::FinishPending(const std::string& account, std::vector<Incident>& incidents) {
  Status finished = FinishBatch(files_, home_.Account(account));
  if (finished || !IsDamage(finished.error())) return finished;
  std::string path = home_.Account(account) + "/pending.json";
  SMHOST_TRY(std::string where, PutAside(path, true));
  SMHOST_TRY_STATUS(RemoveDurably(files_, path));
  incidents.push_back(
      {Code::kCorrupt, "pending.json", finished.error().message + "; " + where + "; apply the documents again", false});
  return {};
}

// Temporary files, and previous copies of what is no longer there.
Status Store::SweepFolder(const std::string& folder) {
  auto entries = files_.List(folder);
  if (!entries) return {};
  for (const FileEntry& entry : *entries) {
    std::string path = folder + "/" + entry.name;
    bool stale = IsTemporaryName(entry.name);
    if (entry.name.ends_with(kPreviousSuffix))
      stale = !files_.Exists(path.substr(0, path.size() - std::string_view(kPreviousSuffix).size()));
    if (stale && !entry.is_folder) SMHOST_TRY_STATUS(files_.Remove(path));
  }
  return {};
}

Status Store::SweepRoot() {
  auto entries = files_.List(home_.root());
  if (!entries) return {};
  for (const FileEntry& entry : *entries) {
    if (!IsTemporaryName(entry.name) || entry.is_folder) continue;
    std::string path = home_.root() + "/" + entry.name;
    auto info = files_.Info(path);
    if (info && clock_.Wall() - info->modified > kRootTemporaryAge) SMHOST_TRY_STATUS(files_.Remove(path));
  }
  return {};
}

Status Store::RepairAll(const std::string& account, std::vector<Incident>& incidents) {
  auto keep = [&](Result<std::optional<Incident>> repaired, const std::string& label) {
    // One that cannot be repaired now (a full disk, say) must not keep the others from it.
    if (!repaired) incidents.push_back({repaired.error().code, label, repaired.error().message, false});
    if (repaired && *repaired) incidents.push_back(std::move(**repaired));
  };
  for (const KindInfo& info : Kinds()) {
    SMHOST_TRY(auto names, NamesIn(ResourceFolder(account, info.kind)));
    for (const std::string& name : names)
      keep(RepairResource(account, info.kind, name), ResourceLabel(info.kind, name));
  }
  SMHOST_TRY(auto endpoints, NamesIn(JournalFolder(account)));
  for (const std::string& endpoint : endpoints)
    keep(RepairSealed(home_.Journal(account, endpoint), endpoint, "what runs is found anew"),
         ResourceLabel(Kind::kEndpoint, endpoint));
  SMHOST_TRY(auto histories, NamesIn(FolderOf(home_.Revisions(account, "x"))));
  for (const std::string& endpoint : histories)
    keep(RepairSealed(home_.Revisions(account, endpoint), endpoint, "the history of its revisions begins anew"),
         ResourceLabel(Kind::kEndpoint, endpoint));
  return {};
}

Result<std::vector<Incident>> Store::Recover(const std::string& account) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  if (!files_.Exists(home_.Account(account))) return std::vector<Incident>();
  SMHOST_TRY(Lock lock, LockAccount(account));
  std::vector<Incident> incidents;
  SMHOST_TRY_STATUS(FinishPending(account, incidents));
  SMHOST_TRY_STATUS(RepairAll(account, incidents));
  // After the moves of pending.json, so that none of its files goes.
  SMHOST_TRY_STATUS(SweepFolder(home_.Account(account)));
  SMHOST_TRY_STATUS(SweepFolder(JournalFolder(account)));
  SMHOST_TRY_STATUS(SweepFolder(FolderOf(home_.Revisions(account, "x"))));
  for (const KindInfo& info : Kinds()) {
    SMHOST_TRY_STATUS(SweepFolder(ResourceFolder(account, info.kind)));
    SMHOST_TRY_STATUS(SweepFolder(FolderOf(home_.Status(account, info.word, "x"))));
  }
  return incidents;
}

Result<std::vector<Incident>> Store::RecoverAll() {
  SMHOST_TRY(auto accounts, Accounts());
  std::vector<Incident> all;
  for (const std::string& account : accounts) {
    auto incidents = Recover(account);
    if (incidents)
      all.insert(all.end(), std::make_move_iterator(incidents->begin()), std::make_move_iterator(incidents->end()));
    else
      all.push_back({incidents.error().code, account, incidents.error().message, false});
  }
  SMHOST_TRY_STATUS(SweepRoot());
  return all;
}

}  // namespace smhost
