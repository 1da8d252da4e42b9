// Work that must not slow down what serves, in a process that forks afterwards: a thread of its own gets the lowest
// priorities (an ordinary process could never raise its own again) and is gone, for the kernel too, when the call returns.
#pragma once

#include <functional>

namespace smhost {

// `work` runs to its end on that thread; where none can be started, on the caller's. It throws nothing.
void RunInBackground(const std::function<void()>& work);

// For a process that is about to end: giving the memory of a model back takes the kernel milliseconds, and nobody waits.
void LeaveInBackground();

}  // namespace smhost
