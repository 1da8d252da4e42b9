// What is counted of one variant of an endpoint, as it lies in the shared file: cumulative numbers, added to by any number
// of processes and threads at once (relaxed, no lock), read by anybody at any time. Nothing here allocates or waits, so the
// request path may count. The layout is that of the file: a change of it needs another kCounterFormat (counters.cc).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/clock.h"

namespace smhost {

// 8 buckets an octave, from 1 us to 2^32 us (71 minutes; the rest is in the last one): a value is known to 12.5 %.
struct LatencyBuckets {
  static constexpr std::size_t kCount = 240;
  static constexpr std::size_t Of(std::uint64_t us) {
    if (us < 8) return us;
    if (us >> 32 != 0) return kCount - 1;
    const int octave = std::bit_width(us) - 4;
    return static_cast<std::size_t>(octave + 1) * 8 + ((us >> octave) & 7);
  }
  // Of the bucket's values, the least and the one that is just too large.
  static constexpr double Low(std::size_t bucket) {
    if (bucket < 8) return static_cast<double>(bucket);
    return static_cast<double>((8 + bucket % 8) << (bucket / 8 - 1));
  }
  static constexpr double High(std::size_t bucket) { return Low(bucket + 1); }
};

struct LatencyCounters {
  std::atomic<std::uint64_t> count, sum_us;
  std::array<std::atomic<std::uint64_t>, LatencyBuckets::kCount> buckets;

  void Add(Duration took) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    const std::uint64_t value = us < 0 ? 0 : static_cast<std::uint64_t>(us);
    count.fetch_add(1, std::memory_order_relaxed);
    sum_us.fetch_add(value, std::memory_order_relaxed);
    buckets[LatencyBuckets::Of(value)].fetch_add(1, std::memory_order_relaxed);
  }
};

// How a shadow's answer compares with the one that the caller got.
struct ShadowComparison {
  bool status_matches = true;
  bool shape_matches = true;   // same type, same structure, same texts
  double mean_difference = 0;  // of the numbers; 0 where there is none
  double largest_difference = 0;
};

struct CounterSlot {
  static constexpr std::size_t kNameBytes = 64;  // AWS's names have at most 63
  static constexpr std::uint64_t kInstanceUnit = 1'000'000'000;

  // --- written by Counters alone
  std::atomic<std::uint64_t> used;   // 0: free
  std::atomic<std::uint64_t> epoch;  // grows each time the slot is claimed: its numbers begin at 0 again
  char account[kNameBytes], endpoint[kNameBytes], variant[kNameBytes], config[kNameBytes];

  // --- AWS's metrics, section 10 of CloudWatch's: a request counts once in each
  std::atomic<std::uint64_t> invocations, errors_4xx, errors_5xx, model_errors;
  std::atomic<std::uint64_t> per_instance;  // in 1 / kInstanceUnit
  LatencyCounters model, overhead;

  // --- of a shadow variant
  std::atomic<std::uint64_t> shadow_compared, shadow_status_mismatches, shadow_shape_mismatches;
  std::atomic<std::uint64_t> shadow_dropped;  // copies that were not sent or got no answer
  std::atomic<std::uint64_t> shadow_difference_sum, shadow_difference_largest;  // bits of doubles: of means, of maxima

  // One request was answered. `model_error`: the model did not answer 2xx, or not at all. `instances`: how many were ready.
  void CountInvocation(int http_status, bool model_error, std::uint64_t instances, std::optional<Duration> in_model,
                       std::optional<Duration> in_gateway) {
    invocations.fetch_add(1, std::memory_order_relaxed);
    if (http_status >= 400 && http_status < 500) errors_4xx.fetch_add(1, std::memory_order_relaxed);
    if (http_status >= 500) errors_5xx.fetch_add(1, std::memory_order_relaxed);
    if (model_error) model_errors.fetch_add(1, std::memory_order_relaxed);
    per_instance.fetch_add(kInstanceUnit / (instances == 0 ? 1 : instances), std::memory_order_relaxed);
    if (in_model) model.Add(*in_model);
    if (in_gateway) overhead.Add(*in_gateway);
  }

  void CountShadow(const ShadowComparison& seen) {
    shadow_compared.fetch_add(1, std::memory_order_relaxed);
    if (!seen.status_matches) shadow_status_mismatches.fetch_add(1, std::memory_order_relaxed);
    if (!seen.shape_matches) shadow_shape_mismatches.fetch_add(1, std::memory_order_relaxed);
    Combine(shadow_difference_sum, [&](double old) { return old + seen.mean_difference; });
    Combine(shadow_difference_largest, [&](double old) { return seen.largest_difference > old ? seen.largest_difference : old; });
  }

  void CountShadowDropped() { shadow_dropped.fetch_add(1, std::memory_order_relaxed); }

 private:
  template <typename Function>
  static void Combine(std::atomic<std::uint64_t>& bits, const Function& function) {
    std::uint64_t old = bits.load(std::memory_order_relaxed);
    while (!bits.compare_exchange_weak(old, std::bit_cast<std::uint64_t>(function(std::bit_cast<double>(old))),
                                       std::memory_order_relaxed)) {
    }
  }
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share these numbers without a lock");
static_assert(LatencyBuckets::Of((std::uint64_t{1} << 32) - 1) == LatencyBuckets::kCount - 1);

}  // namespace smhost
