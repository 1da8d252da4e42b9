#include "planning/instance_state.h"

#include <catch2/catch.hpp>
#include <map>

using namespace smhost;
using S = InstanceState;
using E = InstanceEvent;

namespace {
const S kStates[] = {S::kStarting, S::kReady, S::kBroken, S::kDraining, S::kStopping, S::kKilling, S::kDead};
const E kEvents[] = {E::kSaidReady, E::kSaidFailed, E::kUnrouted, E::kTermSent, E::kKillSent, E::kEnded};
// Every legal step; what is not here is forbidden.
const std::map<std::pair<S, E>, S> kTable = {
    {{S::kStarting, E::kSaidReady}, S::kReady},     {{S::kStarting, E::kSaidFailed}, S::kBroken},
    {{S::kStarting, E::kTermSent}, S::kStopping},   {{S::kStarting, E::kEnded}, S::kDead},
    {{S::kReady, E::kSaidFailed}, S::kBroken},      {{S::kReady, E::kUnrouted}, S::kDraining},
    {{S::kReady, E::kTermSent}, S::kStopping},      {{S::kReady, E::kEnded}, S::kDead},
    {{S::kBroken, E::kTermSent}, S::kStopping},     {{S::kBroken, E::kEnded}, S::kDead},
    {{S::kDraining, E::kTermSent}, S::kStopping},   {{S::kDraining, E::kEnded}, S::kDead},
    {{S::kStopping, E::kKillSent}, S::kKilling},    {{S::kStopping, E::kEnded}, S::kDead},
    {{S::kKilling, E::kEnded}, S::kDead},
};
}  // namespace

TEST_CASE("an instance takes exactly the steps of its table and no other") {
  for (S state : kStates) {
    for (E event : kEvents) {
      INFO(StateName(state) << " on event " << static_cast<int>(event));
      auto wanted = kTable.find({state, event});
      auto got = Next(state, event);
      CHECK(got.has_value() == (wanted != kTable.end()));
      if (got && wanted != kTable.end()) CHECK(*got == wanted->second);
    }
  }
}

TEST_CASE("a dead instance stays dead") {
  for (E event : kEvents) CHECK_FALSE(Next(S::kDead, event).has_value());
}
