// The values of metrics as queries want them: of endpoints' variants, as the controller has sampled them (run/series), and of
// what clients put. Made for one request; reads, changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/service.h"
#include "telemetry/custom_metrics.h"
#include "telemetry/series.h"

namespace smhost::cloudwatch {

inline constexpr std::int64_t kDaySeconds = 86'400;  // older values are not kept

// A stretch of whole periods, laid on multiples of the period since 1970.
struct Stretch {
  int period = 60;
  std::int64_t begin = 0;  // of the first period
  std::size_t count = 0;
  std::int64_t end() const { return begin + static_cast<std::int64_t>(count) * period; }
};
// The periods that have a part in [start, end) and may have values; none where all of that is too old.
Stretch StretchOf(double start, double end, int period, std::int64_t now);

class MetricReader {
 public:
  // `wanted`: the metrics that will be asked for.
  MetricReader(ApiContext& context, const std::string& account, const std::set<MetricId>& wanted);

  // A value for each period; nothing where nothing was measured. `unit` empty: whatever unit.
  std::vector<std::optional<double>> Query(const MetricId& id, const std::string& statistic, const Stretch& stretch, const std::string& unit) const;
  // The units that a metric's values of this time have.
  std::set<std::string> Units(const MetricId& id, const Stretch& stretch) const;
  // Metrics of endpoints that have a value in the last `seconds`.
  std::set<MetricId> EndpointMetrics(std::int64_t seconds) const;

 private:
  std::vector<std::optional<double>> QuerySeries(const MetricId& id, const std::string& statistic, const Stretch& stretch) const;

  const std::string account_;
  CustomMetrics custom_;
  Series series_;
  std::int64_t last_ = 0;  // end of the newest sample, in periods since 1970
};

// Whether all of the statistic's name is understood: Sum …, p0 to p100.
bool IsStatistic(const std::string& statistic);
// The unit of an endpoint's metric.
const char* UnitOf(const std::string& metric);
// 1, 5, 10, 20, 30 or a multiple of 60; those of endpoints have values of 10 s.
bool IsPeriod(std::int64_t seconds, const std::string& name_space);

}  // namespace smhost::cloudwatch
