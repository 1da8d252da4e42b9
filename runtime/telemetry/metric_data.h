// Values that clients put into CloudWatch: what one is, and what is made of those of a period. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace smhost {

struct MetricId {
  std::string name_space, name;
  std::map<std::string, std::string> dimensions;
  auto operator<=>(const MetricId&) const = default;
};

// Of Namespace, MetricName and Dimensions, as alarms and queries have them.
MetricId MetricIdOf(const Json& metric);
// AWS's own, which clients cannot put.
bool IsAwsNamespace(const std::string& name_space);

struct MetricDatum {
  MetricId id;
  std::int64_t time = 0;  // seconds since 1970
  std::string unit = "None";
  std::vector<std::pair<double, double>> values;  // each with how often it was seen
  // A StatisticSet instead: of its values only these are known.
  bool is_set = false;
  double count = 0, sum = 0, minimum = 0, maximum = 0;
};

Json MetricDatumToJson(const MetricDatum& datum);
std::optional<MetricDatum> MetricDatumFromJson(const Json& json);

// All data of one period together.
class MetricSum {
 public:
  void Add(const MetricDatum& datum);
  bool Empty() const { return count_ == 0; }
  // "Sum", "p99"; nothing where there is no data, or the statistic cannot be told from it (a percentile of a StatisticSet
  // whose values differ).
  std::optional<double> Statistic(const std::string& statistic) const;

 private:
  std::optional<double> Percentile(double percent) const;

  std::map<double, double> values_;  // value → how often
  bool all_values_ = true;
  double count_ = 0, sum_ = 0, minimum_ = 0, maximum_ = 0;
};

}  // namespace smhost
