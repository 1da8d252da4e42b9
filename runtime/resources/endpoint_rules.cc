// Rules between the properties of an endpoint: those of its DeploymentConfig.
#include <algorithm>
#include <cmath>

#include "resources/validate.h"

namespace smhost {
namespace {

const char* const kPath = "Properties.DeploymentConfig";

// Percentages have their bounds; counts depend on the fleet and are checked when the update begins.
void CheckPercent(const Json& size, const std::string& path, int low, int high, std::vector<Fault>& faults) {
  const Json& value = MemberOr(size, "Value");
  if (StringOr(size, "Type") != "CAPACITY_PERCENT" || !value.is_number_integer()) return;
  if (value.get<double>() >= low && value.get<double>() <= high) return;
  faults.push_back({path + ".Value",
                    ShortValue(value),
                    "must be between " + std::to_string(low) + " and " + std::to_string(high) + " percent",
                    {}});
}

// How many steps percentages make; 1 where the size counts instances, the least that it can be.
double StepsOf(const Json& size) {
  const double percent = DoubleOr(size, "Value");
  if (StringOr(size, "Type") != "CAPACITY_PERCENT" || percent <= 0) return 1;
  return std::ceil(100.0 / percent);
}

void CheckTimeout(const Json& policy, const std::string& path, double waits, std::vector<Fault>& faults) {
  const Json& timeout = MemberOr(policy, "MaximumExecutionTimeoutInSeconds");
  if (!timeout.is_number_integer() || timeout.get<double>() > waits) return;
  faults.push_back({path + ".MaximumExecutionTimeoutInSeconds",
                    ShortValue(timeout),
                    "must be greater than all waits together, " +
                        std::to_string(static_cast<long long>(std::min(waits, 1e15))) + " seconds",
                    {}});
}

void CheckBlueGreen(const Json& policy, const std::string& path, std::vector<Fault>& faults) {
  const Json& routing = MemberOr(policy, "TrafficRoutingConfiguration");
  const std::string routing_path = path + ".TrafficRoutingConfiguration";
  const std::string type = StringOr(routing, "Type");
  const auto needs = [&](const char* wanted_by, const char* member) {
    const bool there = routing.contains(member);
    if (type == wanted_by && !there)
      faults.push_back({routing_path + "." + member, {}, std::string("is required where Type is ") + wanted_by, {}});
    if (type != wanted_by && !type.empty() && there)
      faults.push_back(
          {routing_path + "." + member, {}, std::string("is allowed only where Type is ") + wanted_by, {}});
  };
  if (!routing.is_object()) return;
  needs("CANARY", "CanarySize");
  needs("LINEAR", "LinearStepSize");
  CheckPercent(MemberOr(routing, "CanarySize"), routing_path + ".CanarySize", 1, 50, faults);
  CheckPercent(MemberOr(routing, "LinearStepSize"), routing_path + ".LinearStepSize", 10, 50, faults);
  const double steps = type == "CANARY" ? 2 : type == "LINEAR" ? StepsOf(MemberOr(routing, "LinearStepSize")) : 1;
  CheckTimeout(policy, path,
               steps * DoubleOr(routing, "WaitIntervalInSeconds") + DoubleOr(policy, "TerminationWaitInSeconds"),
               faults);
}

void CheckRolling(const Json& policy, const std::string& path, std::vector<Fault>& faults) {
  const Json& batch = MemberOr(policy, "MaximumBatchSize");
  CheckPercent(batch, path + ".MaximumBatchSize", 5, 50, faults);
  CheckPercent(MemberOr(policy, "RollbackMaximumBatchSize"), path + ".RollbackMaximumBatchSize", 1, 100, faults);
  CheckTimeout(policy, path, StepsOf(batch) * DoubleOr(policy, "WaitIntervalInSeconds"), faults);
}

}  // namespace

void CheckEndpointRules(const Json& properties, std::vector<Fault>& faults) {
  const Json& deployment = MemberOr(properties, "DeploymentConfig");
  const Json& blue_green = MemberOr(deployment, "BlueGreenUpdatePolicy");
  const Json& rolling = MemberOr(deployment, "RollingUpdatePolicy");
  if (blue_green.is_object() && rolling.is_object())
    faults.push_back(
        {std::string(kPath) + ".RollingUpdatePolicy", {}, "must not stand beside BlueGreenUpdatePolicy", {}});
  CheckBlueGreen(blue_green, std::string(kPath) + ".BlueGreenUpdatePolicy", faults);
  CheckRolling(rolling, std::string(kPath) + ".RollingUpdatePolicy", faults);
}

}  // namespace smhost
