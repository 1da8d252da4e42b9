// A DeploymentConfig as the deployment works with it: how traffic moves to a new fleet, what is waited for, what brings it
// back. Any thread; pure. Rules between its members are resources/endpoint_rules' work.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace smhost {

// AWS's CapacitySize.
struct CapacitySize {
  bool percent = true;  // else a count of instances
  int value = 100;
  bool operator==(const CapacitySize&) const = default;
};

struct DeploymentPolicy {
  enum class Kind { kAllAtOnce, kCanary, kLinear, kRolling };
  Kind kind = Kind::kAllAtOnce;
  CapacitySize size;           // the canary, a linear step, a rolling batch
  CapacitySize rollback_size;  // of a rolling update's way back
  std::chrono::seconds wait{0};              // baking, after each step
  std::chrono::seconds termination_wait{0};  // that the old fleet is kept after the last one
  std::optional<std::chrono::seconds> longest;
  std::vector<std::string> alarms;           // names; one in ALARM while baking brings all traffic back
  bool operator==(const DeploymentPolicy&) const = default;
};

// Of a valid DeploymentConfig; null gives all at once, without waits or alarms.
DeploymentPolicy ViewDeploymentPolicy(const Json& deployment_config);

// "ALL_AT_ONCE", "CANARY", "LINEAR" or "ROLLING".
const char* PolicyName(DeploymentPolicy::Kind kind);

}  // namespace smhost
