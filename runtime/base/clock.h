// Time, passed in. Deadlines, back-off and waits use Monotonic(); what people and AWS clients read uses Wall().
#pragma once

#include <chrono>
#include <string>

namespace smhost {

using MonotonicTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime Monotonic() const = 0;
  virtual WallTime Wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
  WallTime Wall() const override { return std::chrono::system_clock::now(); }
};

// "2026-01-31T12:00:00.123Z", UTC, milliseconds.
std::string FormatIso8601(WallTime time);
// The reverse; the epoch for text that is not in that form.
WallTime ParseIso8601(const std::string& text);

}  // namespace smhost
