// The states that SetAlarmState gives to alarms, on their way to the controller, which owns alarm states: a record an alarm
// (accounts/<id>/alarm-requests/<name>.json). The API process puts, any thread; the controller takes them with its next
// sample and removes them once the alarm's status has them; until then the API shows them in the status's place.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "state/home.h"

namespace smhost {

struct AlarmRequest {
  std::string uid;  // of the alarm
  std::string state, reason, reason_data, time;
};

class AlarmRequests {
 public:
  AlarmRequests(Files& files, Home home) : files_(files), home_(std::move(home)) {}

  // Durable when it returns; replaces an earlier one.
  Status Put(const std::string& account, const std::string& alarm, const AlarmRequest& request);
  std::optional<AlarmRequest> Get(const std::string& account, const std::string& alarm);
  // All of an account, by alarm; `taken` says of each whether it may be removed. No new one is lost meanwhile. Nothing where
  // somebody is writing one now.
  template <typename Taken>
  void Take(const std::string& account, const Taken& taken) {
    const auto lock = LockNow(account);
    if (lock == nullptr) return;
    for (const auto& [alarm, request] : All(account))
      if (taken(alarm, request)) Remove(account, alarm);
  }

 private:
  std::string Path(const std::string& account, const std::string& alarm) const { return home_.AlarmRequests(account) + "/" + alarm + ".json"; }
  std::unique_ptr<HeldLock> LockNow(const std::string& account);
  std::map<std::string, AlarmRequest> All(const std::string& account);
  void Remove(const std::string& account, const std::string& alarm);

  Files& files_;
  const Home home_;
};

}  // namespace smhost
