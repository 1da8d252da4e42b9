#include "telemetry/custom_metrics.h"

#include <algorithm>

namespace smhost {
namespace {

constexpr std::int64_t kDay = 86'400;

std::int64_t Seconds(WallTime time) { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

}  // namespace

void CustomMetrics::Want(const std::set<MetricId>& wanted) {
  if (wanted == wanted_) return;
  wanted_ = wanted;
  data_.clear();
  reader_ = MetricLogReader(files_, home_, account_);
}

void CustomMetrics::Refresh() {
  if (wanted_.empty()) return;
  const std::int64_t oldest = Seconds(clock_.Wall()) - kDay;
  reader_.Read([&] { data_.clear(); },
               [&](MetricDatum datum) {
                 if (datum.time >= oldest && wanted_.contains(datum.id)) data_[datum.id].emplace(datum.time, std::move(datum));
               });
  for (auto& [id, rows] : data_) rows.erase(rows.begin(), rows.lower_bound(oldest));
}

std::vector<std::optional<double>> CustomMetrics::Query(const MetricId& id, const std::string& statistic, int period_seconds,
                                                        std::size_t count, std::int64_t end, const std::string& unit) const {
  std::vector<std::optional<double>> points(count);
  const auto rows = data_.find(id);
  if (rows == data_.end() || period_seconds <= 0) return points;
  const std::int64_t begin = end - static_cast<std::int64_t>(count) * period_seconds;
  std::vector<MetricSum> sums(count);
  for (auto row = rows->second.lower_bound(begin); row != rows->second.end() && row->first < end; ++row)
    if (unit.empty() || row->second.unit == unit) sums[static_cast<std::size_t>((row->first - begin) / period_seconds)].Add(row->second);
  std::transform(sums.begin(), sums.end(), points.begin(), [&](const MetricSum& sum) { return sum.Statistic(statistic); });
  return points;
}

std::set<std::string> CustomMetrics::Units(const MetricId& id, std::int64_t begin, std::int64_t end) const {
  std::set<std::string> units;
  const auto rows = data_.find(id);
  if (rows == data_.end()) return units;
  for (auto row = rows->second.lower_bound(begin); row != rows->second.end() && row->first < end; ++row) units.insert(row->second.unit);
  return units;
}

std::map<MetricId, std::int64_t> ListCustomMetrics(Files& files, const Clock& clock, const Home& home, const std::string& account) {
  std::map<MetricId, std::int64_t> newest;
  const std::int64_t oldest = Seconds(clock.Wall()) - kDay;
  MetricLogReader(files, home, account).Read([] {}, [&](MetricDatum datum) {
    if (datum.time < oldest) return;
    std::int64_t& time = newest[std::move(datum.id)];
    time = std::max(time, datum.time);
  });
  return newest;
}

}  // namespace smhost
