#include "state/alarm_requests.h"

#include "resources/name.h"
#include "state/document.h"
#include "state/naming.h"
#include "state/stored_file.h"

namespace smhost {
namespace {
constexpr std::string_view kSuffix = ".json";
}  // namespace

Status AlarmRequests::Put(const std::string& account, const std::string& alarm, const AlarmRequest& request) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(Kind::kAlarm, alarm));
  const std::string folder = home_.AlarmRequests(account);
  if (!files_.Exists(folder)) SMHOST_TRY_STATUS(files_.MakeFolders(folder, 0700));
  SMHOST_TRY(const auto lock, files_.Lock(folder + "/lock", std::chrono::seconds(10)));
  return WriteDurably(files_, Path(account, alarm),
                      EncodeSealed({{"Uid", request.uid}, {"State", request.state}, {"Reason", request.reason}, {"ReasonData", request.reason_data}, {"Time", request.time}}));
}

std::optional<AlarmRequest> AlarmRequests::Get(const std::string& account, const std::string& alarm) {
  if (!CheckAccount(account) || !IsName(alarm)) return std::nullopt;
  const std::string path = Path(account, alarm);
  const auto text = ReadStateFile(files_, path);
  if (!text) return std::nullopt;
  const auto json = DecodeSealed(*text, path);
  if (!json) return std::nullopt;
  return AlarmRequest{StringOr(*json, "Uid"), StringOr(*json, "State"), StringOr(*json, "Reason"), StringOr(*json, "ReasonData"), StringOr(*json, "Time")};
}

std::unique_ptr<HeldLock> AlarmRequests::LockNow(const std::string& account) {
  const std::string folder = home_.AlarmRequests(account);
  if (!CheckAccount(account) || !files_.Exists(folder)) return nullptr;
  auto lock = files_.Lock(folder + "/lock", std::chrono::milliseconds(0));
  return lock ? std::move(*lock) : nullptr;
}

std::map<std::string, AlarmRequest> AlarmRequests::All(const std::string& account) {
  std::map<std::string, AlarmRequest> all;
  const std::string folder = home_.AlarmRequests(account);
  const auto entries = files_.List(folder);
  if (!entries) return all;
  for (const FileEntry& entry : *entries) {
    if (IsTemporaryName(entry.name)) (void)files_.Remove(folder + "/" + entry.name);  // its writer died: we hold the lock
    if (!entry.name.ends_with(kSuffix)) continue;
    const std::string alarm = entry.name.substr(0, entry.name.size() - kSuffix.size());
    // One that cannot be read is one of no alarm.
    if (IsName(alarm)) all[alarm] = Get(account, alarm).value_or(AlarmRequest());
  }
  return all;
}

void AlarmRequests::Remove(const std::string& account, const std::string& alarm) { (void)files_.Remove(Path(account, alarm)); }

}  // namespace smhost
