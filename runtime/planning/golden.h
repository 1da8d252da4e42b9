// What the plan sees of a golden set being tried on one variant of a coming fleet.
#pragma once

#include <string>

namespace smhost {

struct ObservedGolden {
  enum class State { kRunning, kPassed, kFailed } state = State::kRunning;
  std::string error;  // of kFailed: the first difference
};

}  // namespace smhost
