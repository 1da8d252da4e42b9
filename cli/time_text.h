// Spans of time as people write and read them. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace smhost::cli {

// "90", "90s", "1m30s", "10m", "2h", "1d", "250ms" (a bare number: seconds). Nothing for any other text or over 365
// days.
std::optional<std::chrono::milliseconds> ParseSpan(std::string_view text);

// "3s", "4m10s", "2h5m", "3d4h": two parts at most. Negative spans are "0s".
std::string FormatSpan(std::chrono::seconds span);

// How long ago a stored time was; "-" for text that is no time.
std::string Age(const std::string& iso8601, WallTime now);

}  // namespace smhost::cli
