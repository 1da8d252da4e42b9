// A clock that stands still until a test moves it. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace smhost {

class FakeClock final : public Clock {
 public:
  MonotonicTime Monotonic() const override { return MonotonicTime(Duration(monotonic_ns_.load())); }
  WallTime Wall() const override {
    return WallTime(std::chrono::duration_cast<WallTime::duration>(Duration(wall_ns_.load())));
  }

  // Both clocks go on.
  void Advance(Duration by) {
    monotonic_ns_ += by.count();
    wall_ns_ += by.count();
  }
  // Somebody sets the wall clock; deadlines must not notice.
  void SetWall(WallTime to) { wall_ns_ = std::chrono::duration_cast<Duration>(to.time_since_epoch()).count(); }

 private:
  std::atomic<std::int64_t> monotonic_ns_{1'000'000'000'000};
  std::atomic<std::int64_t> wall_ns_{1'750'000'000'000'000'000};
};

}  // namespace smhost
