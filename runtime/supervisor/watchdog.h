// Whether a child's work loop still turns, from looks at its heartbeat. Pure. A look that comes late proves nothing: we
// were stopped ourselves then, and the child perhaps with us. While the machine sleeps the monotonic clock stands still.
#pragma once

#include "base/clock.h"
#include "base/limits.h"

namespace smhost {

class Watchdog {
 public:
  // How far apart the looks are: silence must be seen at two of them.
  static constexpr Duration kLookEvery = Duration(limits::kWatchdog) / 2;

  explicit Watchdog(MonotonicTime started) : looked_(started), last_beat_(started) {}

  // `beat`: has it beaten since the last look? False: it is to be killed.
  bool Look(MonotonicTime now, bool beat);

 private:
  MonotonicTime looked_, last_beat_;
  bool has_beaten_ = false;
  int silent_looks_ = 0;
};

}  // namespace smhost
