// What AWS would call the state of an endpoint: its status and, while a deployment runs, the stage it is at. Pure.
#pragma once

#include <map>
#include <string>

#include "planning/endpoint_plan.h"

namespace smhost {

struct EndpointCondition {
  std::string status;          // AWS's word
  std::string failure_reason;
};
EndpointCondition ConditionOf(bool wanted, const Journal& journal, const std::map<Slot, SlotHistory>& slots);

// Where the deployment is, in a word of ours: "Fetching", "Starting", "Shifting", "Baking", "RollingBack", "Resizing",
// "Publishing", "Keeping" (the old fleet, for TerminationWaitInSeconds), "Draining", "Steady".
std::string StageOf(const Journal& journal, MonotonicTime now);

// AWS's VariantStatus for the variants of the coming fleet: Creating, ActivatingTraffic or Baking.
const char* ComingVariantStatus(const Journal& journal, MonotonicTime now);

}  // namespace smhost
