// Rules between the properties of an alarm: those of PutMetricAlarm.
#include <set>

#include "resources/validate.h"

namespace smhost {
namespace {

const std::string kPath = "Properties.";

void CheckPeriod(const Json& properties, std::vector<Fault>& faults) {
  const Json& period = MemberOr(properties, "Period");
  if (!period.is_number_integer()) return;
  const auto seconds = period.get<std::int64_t>();
  if (seconds == 10 || seconds == 20 || seconds == 30 || (seconds > 0 && seconds % 60 == 0)) return;
  faults.push_back({kPath + "Period", ShortValue(period), "must be 10, 20, 30 or a multiple of 60", {}});
}

void CheckDimensions(const Json& dimensions, std::vector<Fault>& faults) {
  if (!dimensions.is_array()) return;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const std::string name = StringOr(dimensions[i], "Name");
    if (!name.empty() && !seen.insert(name).second)
      faults.push_back({kPath + "Dimensions[" + std::to_string(i) + "].Name", ShortValue(name), "stands in two dimensions", {}});
  }
}

// Of an alarm on one metric.
void CheckMetric(const Json& properties, std::vector<Fault>& faults) {
  for (const char* member : {"MetricName", "Namespace", "Period"})
    if (!properties.contains(member)) faults.push_back({kPath + member, {}, "is required", {}});
  if (!properties.contains("Threshold") && !properties.contains("ThresholdMetricId"))
    faults.push_back({kPath + "Threshold", {}, "is required", {}});
  const bool plain = properties.contains("Statistic"), extended = properties.contains("ExtendedStatistic");
  if (plain && extended)
    faults.push_back({kPath + "ExtendedStatistic", {}, "must not stand beside Statistic", {}});
  if (!plain && !extended) faults.push_back({kPath + "Statistic", {}, "is required unless ExtendedStatistic is there", {}});
}

}  // namespace

void CheckAlarmRules(const Json& properties, std::vector<Fault>& faults) {
  if (!properties.contains("Metrics")) CheckMetric(properties, faults);
  else if (properties.contains("MetricName"))
    faults.push_back({kPath + "MetricName", {}, "must not stand beside Metrics", {}});
  CheckPeriod(properties, faults);
  CheckDimensions(MemberOr(properties, "Dimensions"), faults);
  const Json& needed = MemberOr(properties, "DatapointsToAlarm");
  const Json& periods = MemberOr(properties, "EvaluationPeriods");
  if (needed.is_number() && periods.is_number() && needed.get<double>() > periods.get<double>())
    faults.push_back({kPath + "DatapointsToAlarm", ShortValue(needed), "must be at most EvaluationPeriods, " + ShortValue(periods), {}});
}

}  // namespace smhost
