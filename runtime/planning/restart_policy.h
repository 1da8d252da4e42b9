// When to start a process again that died: back-off with jitter, and a limit past which one gives up. Pure: no clock,
// no randomness of its own. The controller asks for instances, the supervisor for the programs that it keeps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"

namespace smhost {

struct RestartRules {
  Duration first_delay = limits::kRestartDelayFirst;  // doubles with each death in a row
  Duration last_delay = limits::kRestartDelayLast;    // and stays here
  Duration forget_after = limits::kRestartForgetAfter;  // a life as long as this begins a new row
  bool first_at_once = false;  // the first death of a row costs no delay; the second costs first_delay
  Duration healthy_life{0};    // a life as long as this says nothing against the next: it counts for no row and no limit; 0: each does
  Duration last_excused_delay = limits::kExcusedRestartDelayLast;  // excused deaths bring about none that is longer
  int start_limit = limits::kStartLimit;  // so many deaths within the window, the limit is reached; 0: there is none
  Duration start_limit_window = limits::kStartLimitWindow;
};

// From the start of a process to its death.
struct Life {
  MonotonicTime started{}, ended{};
  std::string id{};      // of the process, where somebody may excuse its death
  bool excused = false;  // what ended it came from outside: no limit counts it, and the next start waits little for it
};

// The lives of one process slot, oldest first. Keeps as many as any decision can need.
class RestartHistory {
 public:
  void Remember(const Life& life);
  // Of a death that is remembered already; false: there is none to excuse.
  bool Excuse(const std::string& id);
  void Forget() { lives_.clear(); }
  const std::vector<Life>& lives() const { return lives_; }

 private:
  std::vector<Life> lives_;
};

struct RestartDecision {
  Duration delay{};            // from the last death to the next start
  bool limit_reached = false;  // died start_limit times within the window: a caller that gives up, gives up now
  int deaths_in_row = 0;
};

// What follows the last death in the history (which has one). The delay lies between half and the whole of its step, by
// `seed`: the same seed and history give the same delay.
RestartDecision DecideRestart(const RestartRules& rules, const RestartHistory& history, std::uint64_t seed);

}  // namespace smhost
