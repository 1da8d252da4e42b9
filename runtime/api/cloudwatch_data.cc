#include "api/cloudwatch_data.h"

#include <algorithm>
#include <cmath>

#include "resources/alarm_view.h"
#include "telemetry/series_file.h"

namespace smhost::cloudwatch {
namespace {

constexpr const char* kSageMaker = "AWS/SageMaker";
constexpr const char* kMetrics[] = {"Invocations",           "Invocation4XXErrors",    "Invocation5XXErrors", "InvocationModelErrors",
                                    "InvocationsPerInstance", "ModelLatency",           "OverheadLatency"};

std::int64_t Seconds(WallTime time) { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

// The variant whose counters a metric's dimensions mean; nothing where there are none such.
std::optional<CounterKey> KeyOf(const std::string& account, const MetricId& id) {
  if (id.name_space != kSageMaker) return std::nullopt;
  CounterKey key{account, "", "", ""};
  for (const auto& [name, value] : id.dimensions) {
    if (name == "EndpointName") key.endpoint = value;
    else if (name == "VariantName") key.variant = value;
    else if (name == "EndpointConfigName") key.config = value;
    else return std::nullopt;
  }
  if (key.endpoint.empty() || key.variant.empty()) return std::nullopt;
  return key;
}

}  // namespace

Stretch StretchOf(double start, double end, int period, std::int64_t now) {
  Stretch stretch{period, 0, 0};
  // Beyond these nothing is kept, and no number of a request may overflow.
  const double first = std::clamp(start, static_cast<double>(now - kDaySeconds), static_cast<double>(now + kDaySeconds));
  const double last = std::clamp(end, static_cast<double>(now - kDaySeconds), static_cast<double>(now + kDaySeconds));
  stretch.begin = static_cast<std::int64_t>(std::floor(first / period)) * period;
  const auto stop = static_cast<std::int64_t>(std::ceil(last / period)) * period;
  if (last > first) stretch.count = static_cast<std::size_t>((stop - stretch.begin) / period);
  return stretch;
}

MetricReader::MetricReader(ApiContext& context, const std::string& account, const std::set<MetricId>& wanted)
    : account_(account), custom_(context.files, context.clock, context.home, account) {
  const bool endpoints = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [](const MetricId& id) { return id.name_space == kSageMaker; });
  if (endpoints) {
    const std::int64_t now = Seconds(context.clock.Wall());
    SeriesFile file(context.files, context.home.Series());
    file.Load(series_, WallTime(std::chrono::seconds(now - now % kSeriesPeriodSeconds)));
    last_ = std::max(file.last(), now / kSeriesPeriodSeconds);
  }
  std::set<MetricId> put;
  for (const MetricId& id : wanted)
    if (!IsAwsNamespace(id.name_space)) put.insert(id);
  custom_.Want(put);
  custom_.Refresh();
}

std::vector<std::optional<double>> MetricReader::QuerySeries(const MetricId& id, const std::string& statistic, const Stretch& stretch) const {
  const auto key = KeyOf(account_, id);
  if (!key || stretch.count == 0) return std::vector<std::optional<double>>(stretch.count);
  const std::int64_t length = std::max(1, stretch.period / kSeriesPeriodSeconds);
  const std::int64_t end = stretch.end() / kSeriesPeriodSeconds;
  // The series answers up to its last sample or beyond: periods after those wanted are asked for too, and left out.
  const std::int64_t after = end >= last_ ? 0 : (last_ - end + length - 1) / length;
  auto points = series_.QueryTo({*key, id.name, statistic, stretch.period}, stretch.count + static_cast<std::size_t>(after), end + after * length - last_);
  points.resize(stretch.count);
  return points;
}

std::vector<std::optional<double>> MetricReader::Query(const MetricId& id, const std::string& statistic, const Stretch& stretch, const std::string& unit) const {
  if (!IsAwsNamespace(id.name_space)) return custom_.Query(id, statistic, stretch.period, stretch.count, stretch.end(), unit);
  if (!unit.empty() && unit != UnitOf(id.name)) return std::vector<std::optional<double>>(stretch.count);
  return QuerySeries(id, statistic, stretch);
}

std::set<std::string> MetricReader::Units(const MetricId& id, const Stretch& stretch) const {
  if (IsAwsNamespace(id.name_space)) return {UnitOf(id.name)};
  return custom_.Units(id, stretch.begin, stretch.end());
}

std::set<MetricId> MetricReader::EndpointMetrics(std::int64_t seconds) const {
  std::set<MetricId> metrics;
  const Stretch whole{static_cast<int>(seconds), last_ * kSeriesPeriodSeconds - seconds, 1};
  for (const auto& [key, counter] : series_.Last()) {
    if (key.account != account_) continue;
    MetricId id{kSageMaker, kMetrics[0], {{"EndpointName", key.endpoint}, {"VariantName", key.variant}}};
    if (!key.config.empty()) id.dimensions["EndpointConfigName"] = key.config;
    if (!QuerySeries(id, "SampleCount", whole)[0]) continue;
    for (const char* metric : kMetrics) {
      id.name = metric;
      metrics.insert(id);
    }
  }
  return metrics;
}

bool IsStatistic(const std::string& statistic) {
  for (const char* known : {"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
    if (statistic == known) return true;
  return PercentileOf(statistic).has_value();
}

const char* UnitOf(const std::string& metric) { return metric.ends_with("Latency") ? "Microseconds" : "None"; }

bool IsPeriod(std::int64_t seconds, const std::string& name_space) {
  if (seconds == 1 || seconds == 5) return !IsAwsNamespace(name_space);
  return seconds == 10 || seconds == 20 || seconds == 30 || (seconds > 0 && seconds % 60 == 0 && seconds <= kDaySeconds);
}

}  // namespace smhost::cloudwatch
