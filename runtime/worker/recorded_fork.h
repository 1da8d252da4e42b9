// fork() as the launcher and the templates use it: the child is written down before it runs (wire/control.h), keeps
// only the descriptors it is meant to have, and never returns into its parent's code. Only from a process with one
// thread.
#pragma once

#include <functional>
#include <vector>

#include "base/json.h"
#include "base/lock.h"
#include "base/process.h"

namespace smhost {

// How many threads this process has: 1, or what the sanitizer's runtime adds to it.
int ThreadCount();
bool HasOneThread();

struct ForkPlan {
  FileLock* record = nullptr;  // taken by the caller; the child inherits it
  Json order;                  // goes into the record
  std::vector<int> keep;       // descriptors the child goes on using, beside 0 to 2 and the record
  int output = -1;             // becomes the child's stdout and stderr; -1: ours
  std::function<int()> run;    // the child's life; its value is the exit code
};

// kInternal: there is more than one thread, so a fork would copy locks that nobody unlocks. If the record cannot be
// written the child ends without having run.
Result<ProcessId> ForkRecorded(const ForkPlan& plan);

}  // namespace smhost
