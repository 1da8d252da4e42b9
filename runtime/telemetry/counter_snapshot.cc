#include "telemetry/counter_snapshot.h"

#include <bit>

namespace smhost {
namespace {

std::uint64_t Load(const std::atomic<std::uint64_t>& value) { return value.load(std::memory_order_relaxed); }

LatencySnapshot Read(const LatencyCounters& latency) {
  LatencySnapshot snapshot;
  snapshot.count = Load(latency.count);
  snapshot.sum_us = Load(latency.sum_us);
  for (std::size_t i = 0; i < snapshot.buckets.size(); ++i) snapshot.buckets[i] = Load(latency.buckets[i]);
  return snapshot;
}

bool Fell(const LatencySnapshot& newer, const LatencySnapshot& older) {
  if (newer.count < older.count || newer.sum_us < older.sum_us) return true;
  for (std::size_t i = 0; i < newer.buckets.size(); ++i)
    if (newer.buckets[i] < older.buckets[i]) return true;
  return false;
}

void Subtract(LatencySnapshot& from, const LatencySnapshot& older) {
  from.count -= older.count;
  from.sum_us -= older.sum_us;
  for (std::size_t i = 0; i < from.buckets.size(); ++i) from.buckets[i] -= older.buckets[i];
}

constexpr std::uint64_t CounterSnapshot::* kNumbers[] = {
    &CounterSnapshot::invocations,     &CounterSnapshot::errors_4xx,
    &CounterSnapshot::errors_5xx,      &CounterSnapshot::model_errors,
    &CounterSnapshot::per_instance,    &CounterSnapshot::shadow_compared,
    &CounterSnapshot::shadow_dropped,  &CounterSnapshot::shadow_status_mismatches,
    &CounterSnapshot::shadow_shape_mismatches};

bool Fell(const CounterSnapshot& newer, const CounterSnapshot& older) {
  for (auto number : kNumbers)
    if (newer.*number < older.*number) return true;
  return newer.shadow_difference_sum < older.shadow_difference_sum || Fell(newer.model, older.model) ||
         Fell(newer.overhead, older.overhead);
}

}  // namespace

CounterSnapshot Read(const CounterSlot& slot) {
  CounterSnapshot snapshot;
  snapshot.epoch = slot.epoch.load(std::memory_order_acquire);
  snapshot.invocations = Load(slot.invocations);
  snapshot.errors_4xx = Load(slot.errors_4xx);
  snapshot.errors_5xx = Load(slot.errors_5xx);
  snapshot.model_errors = Load(slot.model_errors);
  snapshot.per_instance = Load(slot.per_instance);
  snapshot.model = Read(slot.model);
  snapshot.overhead = Read(slot.overhead);
  snapshot.shadow_compared = Load(slot.shadow_compared);
  snapshot.shadow_status_mismatches = Load(slot.shadow_status_mismatches);
  snapshot.shadow_shape_mismatches = Load(slot.shadow_shape_mismatches);
  snapshot.shadow_dropped = Load(slot.shadow_dropped);
  snapshot.shadow_difference_sum = std::bit_cast<double>(Load(slot.shadow_difference_sum));
  snapshot.shadow_difference_largest = std::bit_cast<double>(Load(slot.shadow_difference_largest));
  return snapshot;
}

CounterSnapshot Difference(const CounterSnapshot& newer, const CounterSnapshot& older) {
  if (newer.epoch != older.epoch || Fell(newer, older)) return newer;
  CounterSnapshot added = newer;
  for (auto number : kNumbers) added.*number -= older.*number;
  Subtract(added.model, older.model);
  Subtract(added.overhead, older.overhead);
  added.shadow_difference_sum -= older.shadow_difference_sum;
  return added;
}

}  // namespace smhost
