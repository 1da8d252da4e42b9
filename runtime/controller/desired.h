// Composes what an endpoint is to run: its own document, its configuration's, its models', the instance types and the
// machine. Pure: the documents are given. Called at each look by the reconciler.
#pragma once

#include <functional>
#include <optional>

#include "planning/endpoint_plan.h"
#include "resources/kind.h"

namespace smhost {

// What the machine has: an instance type's figures are cut to it.
struct Machine {
  int processors = 1;
  std::uint64_t memory_bytes = 0;
};
Machine ThisMachine();

using FindResource = std::function<const Resource*(Kind, const std::string& name)>;

// Never fails: what is missing or unusable becomes Desired::problem, in AWS's words. The journal gives what an update may
// retain: the sizes of variants and the last DeploymentConfig.
Desired ComposeDesired(const Resource& endpoint, const FindResource& find, const Machine& machine, const Journal& journal);

}  // namespace smhost
