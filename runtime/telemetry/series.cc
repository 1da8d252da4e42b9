#include "telemetry/series.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/limits.h"
#include "resources/alarm_view.h"

namespace smhost {
namespace {

constexpr std::int64_t kPeriodsKept = 24 * 60 * 60 / kSeriesPeriodSeconds;

struct LatencySum {
  std::uint64_t count = 0, sum_us = 0;
  std::array<std::uint64_t, LatencyBuckets::kCount> buckets{};
};

// Somewhere in the bucket in which the value of this rank lies.
double Quantile(const LatencySum& latency, double quantile) {
  const double rank = quantile * static_cast<double>(latency.count);
  double before = 0, value = 0;
  for (std::size_t i = 0; i < latency.buckets.size(); ++i) {
    const double here = static_cast<double>(latency.buckets[i]);
    if (here == 0) continue;
    const double part = std::clamp((rank - before) / here, 0.0, 1.0);
    value = LatencyBuckets::Low(i) + (LatencyBuckets::High(i) - LatencyBuckets::Low(i)) * part;
    if (before + here >= rank) break;
    before += here;
  }
  return value;
}

std::optional<double> OfLatency(const LatencySum& latency, const std::string& statistic) {
  if (latency.count == 0) return std::nullopt;
  const double count = static_cast<double>(latency.count), sum = static_cast<double>(latency.sum_us);
  if (statistic == "SampleCount") return count;
  if (statistic == "Sum") return sum;
  if (statistic == "Average") return sum / count;
  if (latency.count == 1) return sum;  // exact, whatever is asked for
  if (statistic == "Minimum") return Quantile(latency, 0);
  if (statistic == "Maximum") return Quantile(latency, 1);
  if (const auto percentile = PercentileOf(statistic)) return Quantile(latency, *percentile / 100);
  return std::nullopt;
}

// Of values that are 0 but for `ones` of them, which are 1.
std::optional<double> OfFlags(double count, double ones, const std::string& statistic) {
  if (statistic == "SampleCount") return count;
  if (statistic == "Sum") return ones;
  if (statistic == "Average") return ones / count;
  if (statistic == "Minimum") return ones >= count ? 1 : 0;
  if (statistic == "Maximum") return ones > 0 ? 1 : 0;
  if (const auto percentile = PercentileOf(statistic)) return *percentile / 100 * count > count - ones ? 1 : 0;
  return std::nullopt;
}

// Of `count` values that are alike.
std::optional<double> OfEqual(double count, double sum, const std::string& statistic) {
  if (statistic == "SampleCount") return count;
  if (statistic == "Sum") return sum;
  if (statistic == "Average" || statistic == "Minimum" || statistic == "Maximum" || PercentileOf(statistic)) return sum / count;
  return std::nullopt;
}

}  // namespace

struct Series::Gathered {
  std::uint64_t invocations = 0, errors_4xx = 0, errors_5xx = 0, model_errors = 0, per_instance = 0;
  LatencySum model, overhead;
};

Series::Latency Series::Packed(const LatencySnapshot& latency) {
  Latency packed{latency.count, latency.sum_us, {}};
  for (std::size_t i = 0; i < latency.buckets.size(); ++i)
    if (latency.buckets[i] != 0)
      packed.buckets.emplace_back(static_cast<std::uint16_t>(i), static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                                     latency.buckets[i], std::numeric_limits<std::uint32_t>::max())));
  packed.buckets.shrink_to_fit();
  return packed;
}

std::size_t Series::BytesOf(const Row& row) {
  return sizeof(Row) + (row.model.buckets.size() + row.overhead.buckets.size()) * sizeof(row.model.buckets[0]);
}

void Series::Add(const Row& row, Gathered& sum) {
  sum.invocations += row.invocations;
  sum.errors_4xx += row.errors_4xx;
  sum.errors_5xx += row.errors_5xx;
  sum.model_errors += row.model_errors;
  sum.per_instance += row.per_instance;
  for (const auto& [from, to] : {std::pair{&row.model, &sum.model}, std::pair{&row.overhead, &sum.overhead}}) {
    to->count += from->count;
    to->sum_us += from->sum_us;
    for (const auto& [bucket, count] : from->buckets) to->buckets[bucket] += count;
  }
}

SeriesSample Series::Sample(const SeriesSample& counters, std::int64_t periods) {
  SeriesSample changed;
  now_ += std::max<std::int64_t>(periods, 1);
  for (const auto& [key, counter] : counters) {
    CounterSnapshot& last = last_[key];
    if (last == counter) continue;
    changed.emplace_back(key, counter);
    const CounterSnapshot added = Difference(counter, last);
    last = counter;
    if (!begun_ || added.invocations == 0) continue;
    Row row{now_,       added.invocations,   added.errors_4xx,    added.errors_5xx,
            added.model_errors, added.per_instance, Packed(added.model), Packed(added.overhead)};
    bytes_ += BytesOf(row);
    rows_[key].push_back(std::move(row));
  }
  first_ = !std::exchange(begun_, true);
  DropOld();
  return changed;
}

void Series::DropOld() {
  for (;;) {
    auto oldest = rows_.end();
    for (auto it = rows_.begin(); it != rows_.end(); ++it)
      if (oldest == rows_.end() || it->second.front().period < oldest->second.front().period) oldest = it;
    if (oldest == rows_.end()) return;
    if (bytes_ <= limits::kSeriesBytes && now_ - oldest->second.front().period < kPeriodsKept) return;
    bytes_ -= BytesOf(oldest->second.front());
    oldest->second.pop_front();
    if (oldest->second.empty()) rows_.erase(oldest);
  }
}

std::vector<std::optional<double>> Series::QueryTo(const MetricQuery& query, std::size_t count, std::int64_t ahead) const {
  std::vector<std::optional<double>> points(count);
  const auto rows = rows_.find(query.key);
  const std::int64_t length = std::max(1, query.period_seconds / kSeriesPeriodSeconds);
  if (rows == rows_.end() || count == 0) return points;
  std::vector<Gathered> sums(1);
  std::size_t age = 0;  // of the period being gathered; 0: the newest
  const auto finish = [&] {
    points[count - 1 - age] = StatisticOf(sums[0], query);
    sums[0] = Gathered();
  };
  for (auto row = rows->second.rbegin(); row != rows->second.rend(); ++row) {
    const auto of = static_cast<std::size_t>((now_ + ahead - row->period) / length);
    if (of >= count) break;
    if (of != age) finish();
    age = of;
    Add(*row, sums[0]);
  }
  finish();
  return points;
}

std::optional<double> Series::StatisticOf(const Gathered& sum, const MetricQuery& query) {
  if (sum.invocations == 0) return std::nullopt;
  const double count = static_cast<double>(sum.invocations);
  const auto flags = [&](std::uint64_t ones) { return OfFlags(count, static_cast<double>(ones), query.statistic); };
  if (query.metric == "Invocations") return OfEqual(count, count, query.statistic);
  if (query.metric == "Invocation4XXErrors") return flags(sum.errors_4xx);
  if (query.metric == "Invocation5XXErrors") return flags(sum.errors_5xx);
  if (query.metric == "InvocationModelErrors") return flags(sum.model_errors);
  if (query.metric == "InvocationsPerInstance")
    return OfEqual(count, static_cast<double>(sum.per_instance) / CounterSlot::kInstanceUnit, query.statistic);
  if (query.metric == "ModelLatency") return OfLatency(sum.model, query.statistic);
  if (query.metric == "OverheadLatency") return OfLatency(sum.overhead, query.statistic);
  return std::nullopt;
}

SeriesSample Series::Last() const { return {last_.begin(), last_.end()}; }

}  // namespace smhost
