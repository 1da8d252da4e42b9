// What an action of the plan makes of the journal. Pure; the reconciler saves the result before it executes anything.
#pragma once

#include <optional>
#include <string>

#include "planning/endpoint_plan.h"

namespace smhost {

struct StepContext {
  const Desired* desired = nullptr;  // of kBegin and kResize
  std::string new_fleet;             // id for kBegin
  MonotonicTime now{};
};

// The journal after the action; nothing for an action that does not change it.
std::optional<Journal> JournalAfter(const Journal& journal, const Action& action, const StepContext& context);

}  // namespace smhost
