// A deployment in words: one line that tells how far it is, for progress, `rollout status` and `describe`. Pure.
#pragma once

#include <string>

#include "api/endpoint_state.h"
#include "base/json.h"
#include "base/clock.h"

namespace smhost::cli {

// "step 1 of 3, 10 % of requests go to c2, baking until 12:00:31 (CANARY)"; empty where no deployment runs.
std::string DeploymentText(const EndpointState& state);

// "endpoint e: Updating, step 1 of 3, …"; the stage in parentheses where no deployment runs.
std::string ProgressText(const std::string& name, const EndpointState& state);

// What `rollout status -o json` prints.
Json RolloutJson(const EndpointState& state);

// The table of `rollout history`; `revisions` as the store has them.
std::string HistoryTable(const Json& revisions, WallTime now);

}  // namespace smhost::cli
