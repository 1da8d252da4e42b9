// The plain numbers of a counter slot at one moment, and what was added between two such moments. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>

#include "telemetry/counter_slot.h"

namespace smhost {

struct LatencySnapshot {
  std::uint64_t count = 0, sum_us = 0;
  std::array<std::uint64_t, LatencyBuckets::kCount> buckets{};
  bool operator==(const LatencySnapshot&) const = default;
};

struct CounterSnapshot {
  std::uint64_t epoch = 0;
  std::uint64_t invocations = 0, errors_4xx = 0, errors_5xx = 0, model_errors = 0;
  std::uint64_t per_instance = 0;  // in 1 / CounterSlot::kInstanceUnit
  LatencySnapshot model, overhead;
  std::uint64_t shadow_compared = 0, shadow_status_mismatches = 0, shadow_shape_mismatches = 0, shadow_dropped = 0;
  double shadow_difference_sum = 0;      // of each answer's mean difference
  double shadow_difference_largest = 0;  // of all; it has no difference over time
  bool operator==(const CounterSnapshot&) const = default;

  // Was nothing counted?
  bool Empty() const { return invocations == 0 && shadow_compared == 0 && shadow_dropped == 0; }
};

// Writers go on meanwhile: each number is right by itself, a request just being counted may be in some and not in others.
CounterSnapshot Read(const CounterSlot& slot);

// What was counted after `older`. A slot that was claimed anew since, or whose numbers fell, began at 0.
CounterSnapshot Difference(const CounterSnapshot& newer, const CounterSnapshot& older);

}  // namespace smhost
