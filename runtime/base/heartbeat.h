// The sign of life that a process gives its parent: it adds to an eventfd from its work loop, so what is shown is that
// the loop turns, not that the process exists. The parent looks now and then (supervisor/watchdog.h); nobody wakes it.
#pragma once

#include <functional>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/result.h"

namespace smhost {

// Non-blocking, close-on-exec.
Result<Descriptor> MakeHeartbeat();

// Adds one at once and every limits::kBeatEvery, on the loop's thread, whenever `alive` (if there is one) says true.
// `fd` -1: nothing.
void KeepBeating(EventLoop& loop, int fd, std::function<bool()> alive = {});

// Did it beat since the last call?
bool TakeBeats(const Descriptor& heartbeat);

}  // namespace smhost
