#include "resources/deployment_policy.h"

namespace smhost {
namespace {

CapacitySize SizeOf(const Json& parent, const char* member) {
  const Json& size = MemberOr(parent, member);
  if (!size.is_object()) return {};
  return {StringOr(size, "Type") == "CAPACITY_PERCENT", static_cast<int>(IntOr(size, "Value", 100))};
}

std::chrono::seconds SecondsOf(const Json& parent, const char* member) {
  return std::chrono::seconds(IntOr(parent, member));
}

void ReadBlueGreen(const Json& policy, DeploymentPolicy& view) {
  const Json& routing = MemberOr(policy, "TrafficRoutingConfiguration");
  const std::string type = StringOr(routing, "Type");
  if (type == "CANARY") {
    view.kind = DeploymentPolicy::Kind::kCanary;
    view.size = SizeOf(routing, "CanarySize");
  } else if (type == "LINEAR") {
    view.kind = DeploymentPolicy::Kind::kLinear;
    view.size = SizeOf(routing, "LinearStepSize");
  }
  view.wait = SecondsOf(routing, "WaitIntervalInSeconds");
  view.termination_wait = SecondsOf(policy, "TerminationWaitInSeconds");
}

void ReadRolling(const Json& policy, DeploymentPolicy& view) {
  view.kind = DeploymentPolicy::Kind::kRolling;
  view.size = SizeOf(policy, "MaximumBatchSize");
  view.rollback_size = SizeOf(policy, "RollbackMaximumBatchSize");
  view.wait = SecondsOf(policy, "WaitIntervalInSeconds");
}

}  // namespace

DeploymentPolicy ViewDeploymentPolicy(const Json& config) {
  DeploymentPolicy view;
  const Json& blue_green = MemberOr(config, "BlueGreenUpdatePolicy");
  const Json& rolling = MemberOr(config, "RollingUpdatePolicy");
  if (rolling.is_object()) ReadRolling(rolling, view);
  else if (blue_green.is_object()) ReadBlueGreen(blue_green, view);
  const Json& policy = rolling.is_object() ? rolling : blue_green;
  if (MemberOr(policy, "MaximumExecutionTimeoutInSeconds").is_number())
    view.longest = SecondsOf(policy, "MaximumExecutionTimeoutInSeconds");
  for (const Json& alarm : MemberOr(MemberOr(config, "AutoRollbackConfiguration"), "Alarms"))
    view.alarms.push_back(StringOr(alarm, "AlarmName"));
  return view;
}

const char* PolicyName(DeploymentPolicy::Kind kind) {
  switch (kind) {
    case DeploymentPolicy::Kind::kAllAtOnce: return "ALL_AT_ONCE";
    case DeploymentPolicy::Kind::kCanary: return "CANARY";
    case DeploymentPolicy::Kind::kLinear: return "LINEAR";
    case DeploymentPolicy::Kind::kRolling: return "ROLLING";
  }
  return "ALL_AT_ONCE";
}

}  // namespace smhost
