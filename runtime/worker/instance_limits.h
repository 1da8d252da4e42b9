// What an instance may take from the machine, set by itself right after the fork; and its working place.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "wire/control.h"

namespace smhost {

// Scratch folder as working folder and TMPDIR, no core dumps, bounded files, first choice of the OOM killer.
Status EnterScratch(const InstanceOrder& order);
// Private memory beyond what the process has now: `memory_bytes` (at least 64 MiB) and the stacks of `threads` threads.
// An allocation past it fails instead of taking the machine's last memory. 0: no limit.
Status LimitMemory(std::uint64_t memory_bytes, int threads);
// Private writable memory (VmData) that /proc/self/status tells; 0 if it cannot be read.
std::uint64_t PrivateMemoryBytes();

}  // namespace smhost
