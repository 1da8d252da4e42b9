// Ends processes that are not our children, and finds those of a runtime that nobody names. Each is reached through a
// pidfd opened on pid, start time and boot id together: a number used again gets no signal.
#pragma once

#include <chrono>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "state/home.h"

namespace smhost {

// SIGTERM to all that live, SIGKILL after the grace; returns when they are gone. Waits: only for before the loop runs.
// How many there were.
int EndProcesses(const std::vector<ProcessId>& processes, std::chrono::milliseconds grace);

// SIGTERM, SIGKILL …; nothing if it is gone.
void SignalProcess(const ProcessId& process, int signal);

// Processes whose parent we are.
std::vector<ProcessId> OurChildren();
// Templates and instances whose records in run/ are locked, which proves that they live.
std::vector<ProcessId> RecordedProcesses(Files& files, const Home& home);

}  // namespace smhost
