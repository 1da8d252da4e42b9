#include "planning/instance_state.h"

namespace smhost {

std::optional<InstanceState> Next(InstanceState state, InstanceEvent event) {
  using S = InstanceState;
  using E = InstanceEvent;
  if (state == S::kDead) return std::nullopt;
  switch (event) {
    case E::kSaidReady:
      return state == S::kStarting ? std::optional(S::kReady) : std::nullopt;
    case E::kSaidFailed:
      return state == S::kStarting || state == S::kReady ? std::optional(S::kBroken) : std::nullopt;
    case E::kUnrouted:
      return state == S::kReady ? std::optional(S::kDraining) : std::nullopt;
    case E::kTermSent:
      return state != S::kStopping && state != S::kKilling ? std::optional(S::kStopping) : std::nullopt;
    case E::kKillSent:
      return state == S::kStopping ? std::optional(S::kKilling) : std::nullopt;
    case E::kEnded:
      return S::kDead;
  }
  return std::nullopt;
}

const char* StateName(InstanceState state) {
  switch (state) {
    case InstanceState::kStarting: return "Starting";
    case InstanceState::kReady: return "Ready";
    case InstanceState::kBroken: return "Broken";
    case InstanceState::kDraining: return "Draining";
    case InstanceState::kStopping: return "Stopping";
    case InstanceState::kKilling: return "Killing";
    case InstanceState::kDead: return "Dead";
  }
  return "Dead";
}

}  // namespace smhost
