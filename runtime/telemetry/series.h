// What was counted in each period of 10 s, of each variant: what CloudWatch would keep of AWS/SageMaker, a day of it, the
// oldest gone first where limits::kSeriesBytes are full. Time is a count of periods, not the wall clock, so that setting
// that clock neither loses nor doubles anything. Pure; one thread, the controller's.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "telemetry/counter_snapshot.h"
#include "telemetry/counters.h"

namespace smhost {

inline constexpr int kSeriesPeriodSeconds = 10;

using SeriesSample = std::vector<std::pair<CounterKey, CounterSnapshot>>;

struct MetricQuery {
  CounterKey key;
  std::string metric;     // "Invocation5XXErrors"
  std::string statistic;  // "Sum", "p99.9"
  int period_seconds = 60;  // a multiple of 10
};

class Series {
 public:
  // The counters at the end of a period; keys that did not change may be left out. `periods`: since the sample before.
  // The first sample of all tells only where counting begins. Returns what changed.
  SeriesSample Sample(const SeriesSample& counters, std::int64_t periods = 1);

  // Counting began already, with every counter at 0.
  void BeginAtZero() { begun_ = true; }
  bool begun() const { return begun_; }
  bool LastWasFirst() const { return first_; }

  // `count` periods, the newest last, which ends at the last sample. Nothing for a period in which nothing was measured
  // (no request; a metric, statistic or dimension that there is not).
  std::vector<std::optional<double>> Query(const MetricQuery& query, std::size_t count) const { return QueryTo(query, count, 0); }
  // The same, the newest ending `ahead` periods of 10 s after the last sample: one that is not over yet.
  std::vector<std::optional<double>> QueryTo(const MetricQuery& query, std::size_t count, std::int64_t ahead) const;

  // All counters as they were last sampled.
  SeriesSample Last() const;

 private:
  struct Latency {
    std::uint64_t count = 0, sum_us = 0;
    std::vector<std::pair<std::uint16_t, std::uint32_t>> buckets;
  };
  struct Row {
    std::int64_t period = 0;
    std::uint64_t invocations = 0, errors_4xx = 0, errors_5xx = 0, model_errors = 0, per_instance = 0;
    Latency model, overhead;
  };
  struct Gathered;

  static Latency Packed(const LatencySnapshot& latency);
  static std::size_t BytesOf(const Row& row);
  static void Add(const Row& row, Gathered& sum);
  static std::optional<double> StatisticOf(const Gathered& sum, const MetricQuery& query);
  void DropOld();

  bool begun_ = false, first_ = false;
  std::int64_t now_ = 0;  // the last period
  std::size_t bytes_ = 0;
  std::map<CounterKey, CounterSnapshot> last_;
  std::map<CounterKey, std::deque<Row>> rows_;
};

}  // namespace smhost
