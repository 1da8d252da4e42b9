// The life of one instance as the controller sees it. Pure: a table of states and events.
//
//              Said ready             Routes without it      Owes nothing           SIGTERM sent
//   Starting ─────────────► Ready ───────────────────► Draining ─────────► (stop) ───────────► Stopping
//      │ Said failed          │                          │                                       │ SIGKILL sent
//      ▼                      │                          │                                       ▼
//    Broken ──(stop)──► …     └──────────────┬───────────┴───────────────────────────────────► Killing
//                                            ▼ Ended (from every state)                          │
//                                           Dead ◄───────────────────────────────────────────────┘
#pragma once

#include <optional>

namespace smhost {

enum class InstanceState {
  kStarting,  // the process lives; the model is not warm
  kReady,     // it said so; routes may name it
  kBroken,    // it said that it cannot serve; it is to be stopped
  kDraining,  // no route names it any more; it may owe answers
  kStopping,  // SIGTERM is sent
  kKilling,   // SIGKILL is sent
  kDead,      // it has ended; its record is to be cleared away
};

enum class InstanceEvent { kSaidReady, kSaidFailed, kUnrouted, kTermSent, kKillSent, kEnded };

// The next state; nothing where the event cannot happen in that state (our mistake, or a lie of the instance).
std::optional<InstanceState> Next(InstanceState state, InstanceEvent event);

// "Starting", "Ready", …: in `describe` and events.
const char* StateName(InstanceState state);

}  // namespace smhost
