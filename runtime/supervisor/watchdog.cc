#include "supervisor/watchdog.h"

namespace smhost {

bool Watchdog::Look(MonotonicTime now, bool beat) {
  bool late = now - looked_ > 2 * kLookEvery;
  looked_ = now;
  if (beat || late) {
    has_beaten_ = has_beaten_ || beat;
    silent_looks_ = 0;
    last_beat_ = now;
    return true;
  }
  ++silent_looks_;
  Duration patience = has_beaten_ ? Duration(limits::kWatchdog) : Duration(limits::kFirstBeat);
  return silent_looks_ < 2 || now - last_beat_ < patience;
}

}  // namespace smhost
