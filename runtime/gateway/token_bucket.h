// How many requests may pass: a bucket that fills at a steady rate and is full at first. Kept as the one moment at which it
// will be full again, so that all loops share it without a lock. Any thread; reads no clock.
#pragma once

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/clock.h"

namespace smhost {

struct Rate {
  double per_second = 1;  // above 0
  int burst = 1;          // what the bucket holds, at least 1
};

class TokenBucket {
 public:
  // Takes one. Not taken: how long until there is one. The rate may be another each time.
  std::optional<Duration> Take(const Rate& rate, MonotonicTime now) {
    const std::int64_t interval = std::max<std::int64_t>(1, static_cast<std::int64_t>(1e9 / rate.per_second));
    const std::int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count(), whole = interval * rate.burst;
    std::int64_t full = full_at_.load(std::memory_order_relaxed);
    while (true) {
      // What a slower rate left to fill is no more than an empty bucket of this one.
      if (full > time + whole && !full_at_.compare_exchange_weak(full, time + whole, std::memory_order_relaxed)) continue;
      full = std::min(full, time + whole);
      const std::int64_t next = std::max(full, time) + interval;
      if (next > time + whole) return std::chrono::nanoseconds(next - time - whole);
      if (full_at_.compare_exchange_weak(full, next, std::memory_order_relaxed)) return std::nullopt;
    }
  }

 private:
  std::atomic<std::int64_t> full_at_{0};  // nanoseconds; in the past: it is full
};

}  // namespace smhost
