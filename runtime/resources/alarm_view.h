// What a valid alarm document means where it is silent, and which metrics there are. Any thread; pure.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace smhost {

struct AlarmView {
  std::string metric_namespace, metric;
  std::string endpoint, variant, config;  // of Dimensions; config empty: whatever configuration
  bool other_dimensions = false;          // some that our metrics do not have: there is no data then, as in AWS
  std::string statistic;                  // "Average", or "p99"
  int period_seconds = 60;
  int evaluation_periods = 1, datapoints_to_alarm = 1;
  double threshold = 0;
  std::string comparison;  // AWS's word
  std::string missing = "missing";
};
AlarmView ViewAlarm(const Json& properties);

// Is it one that is kept of each variant?
bool IsEndpointMetric(const std::string& metric_namespace, const std::string& metric);
// "Invocations, Invocation4XXErrors, …", for messages.
std::string EndpointMetrics();

// 99.9 of "p99.9"; nothing for what is no percentile.
std::optional<double> PercentileOf(const std::string& statistic);

}  // namespace smhost
