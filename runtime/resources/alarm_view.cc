#include "resources/alarm_view.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace smhost {
namespace {

constexpr std::array<const char*, 7> kMetrics = {"Invocations",           "Invocation4XXErrors",    "Invocation5XXErrors",
                                                 "InvocationModelErrors", "InvocationsPerInstance", "ModelLatency",
                                                 "OverheadLatency"};

// Counts beyond what an int holds are refused elsewhere; here they only must not overflow.
int Int(const Json& properties, const char* key, int fallback) {
  return static_cast<int>(std::clamp<std::int64_t>(IntOr(properties, key, fallback), 1, 1'000'000));
}

}  // namespace

AlarmView ViewAlarm(const Json& properties) {
  AlarmView view;
  view.metric_namespace = StringOr(properties, "Namespace");
  view.metric = StringOr(properties, "MetricName");
  for (const Json& dimension : MemberOr(properties, "Dimensions")) {
    const std::string name = StringOr(dimension, "Name"), value = StringOr(dimension, "Value");
    if (name == "EndpointName") view.endpoint = value;
    else if (name == "VariantName") view.variant = value;
    else if (name == "EndpointConfigName") view.config = value;
    else view.other_dimensions = true;
  }
  view.statistic = StringOr(properties, "Statistic", StringOr(properties, "ExtendedStatistic"));
  view.period_seconds = Int(properties, "Period", view.period_seconds);
  view.evaluation_periods = Int(properties, "EvaluationPeriods", 1);
  view.datapoints_to_alarm = std::min(Int(properties, "DatapointsToAlarm", view.evaluation_periods), view.evaluation_periods);
  view.threshold = DoubleOr(properties, "Threshold");
  view.comparison = StringOr(properties, "ComparisonOperator");
  view.missing = StringOr(properties, "TreatMissingData", view.missing);
  return view;
}

bool IsEndpointMetric(const std::string& metric_namespace, const std::string& metric) {
  return metric_namespace == "AWS/SageMaker" &&
         std::any_of(kMetrics.begin(), kMetrics.end(), [&](const char* known) { return metric == known; });
}

std::string EndpointMetrics() {
  std::string list;
  for (const char* metric : kMetrics) list += std::string(list.empty() ? "" : ", ") + metric;
  return list;
}

std::optional<double> PercentileOf(const std::string& statistic) {
  double value = 0;
  if (statistic.size() < 2 || statistic[0] != 'p' || statistic[1] < '0' || statistic[1] > '9') return std::nullopt;
  const char* end = statistic.data() + statistic.size();
  const auto read = std::from_chars(statistic.data() + 1, end, value, std::chars_format::fixed);
  if (read.ec != std::errc() || read.ptr != end || value > 100) return std::nullopt;
  return value;
}

}  // namespace smhost
