// A process's own log: lines "2026-01-31T12:00:00.123Z LEVEL message" to a file bounded by limits::kLogFileBytes, or stderr.
#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace smhost {

// Sets the process's log up; path empty: stderr. Call once in main, before threads.
void StartLog(const std::string& path);

// spdlog's own calls are used for lines: spdlog::info("…{}", x).

}  // namespace smhost
