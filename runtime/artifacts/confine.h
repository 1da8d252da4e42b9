// Gives up what a process that reads strangers' archives does not need. For the fetch process alone, before it opens
// anything; what the kernel does not know is left out without a word.
#pragma once

#include <cstdint>
#include <string>

namespace smhost {

// From here on: no new privileges, no core files, no file much over max_file_bytes (a write past it fails, no signal), and,
// where Landlock is there (Linux 5.13 on), writing only below `writable_folder`, which exists, and no program started.
void ConfineFetch(const std::string& writable_folder, std::uint64_t max_file_bytes);

}  // namespace smhost
