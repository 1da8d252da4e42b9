#include "telemetry/metric_data.h"

#include <algorithm>

#include "resources/alarm_view.h"

namespace smhost {

MetricId MetricIdOf(const Json& metric) {
  MetricId id{StringOr(metric, "Namespace"), StringOr(metric, "MetricName"), {}};
  const Json& dimensions = MemberOr(metric, "Dimensions");
  if (dimensions.is_array())
    for (const Json& dimension : dimensions) id.dimensions[StringOr(dimension, "Name")] = StringOr(dimension, "Value");
  return id;
}

bool IsAwsNamespace(const std::string& name_space) { return name_space.rfind("AWS/", 0) == 0; }

Json MetricDatumToJson(const MetricDatum& d) {
  Json json = {{"n", d.id.name_space}, {"m", d.id.name}, {"d", d.id.dimensions}, {"t", d.time}, {"u", d.unit}};
  if (d.is_set) {
    json["s"] = {d.count, d.sum, d.minimum, d.maximum};
    return json;
  }
  json["v"] = Json::array();
  for (const auto& [value, count] : d.values) json["v"].push_back({value, count});
  return json;
}

std::optional<MetricDatum> MetricDatumFromJson(const Json& json) {
  MetricDatum d;
  d.id.name_space = StringOr(json, "n");
  d.id.name = StringOr(json, "m");
  const Json& dimensions = MemberOr(json, "d");
  if (d.id.name.empty() || !(dimensions.is_object() || dimensions.is_null())) return std::nullopt;
  if (dimensions.is_object())
    for (const auto& [name, value] : dimensions.items()) d.id.dimensions[name] = value.is_string() ? value.get<std::string>() : "";
  d.time = IntOr(json, "t");
  d.unit = StringOr(json, "u", "None");
  const auto numbers = [](const Json& list, std::size_t size) {
    return list.is_array() && list.size() == size && std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_number(); });
  };
  if (const Json& set = MemberOr(json, "s"); numbers(set, 4)) {
    d.is_set = true;
    d.count = set[0];
    d.sum = set[1];
    d.minimum = set[2];
    d.maximum = set[3];
    return d;
  }
  const Json& values = MemberOr(json, "v");
  if (!values.is_array()) return std::nullopt;
  for (const Json& pair : values) {
    if (!numbers(pair, 2)) return std::nullopt;
    d.values.emplace_back(pair[0].get<double>(), pair[1].get<double>());
  }
  return d;
}

void MetricSum::Add(const MetricDatum& datum) {
  const auto take = [&](double count, double sum, double minimum, double maximum) {
    if (count <= 0) return;
    minimum_ = count_ == 0 ? minimum : std::min(minimum_, minimum);
    maximum_ = count_ == 0 ? maximum : std::max(maximum_, maximum);
    count_ += count;
    sum_ += sum;
  };
  if (datum.is_set) {
    take(datum.count, datum.sum, datum.minimum, datum.maximum);
    if (datum.minimum == datum.maximum) values_[datum.minimum] += datum.count;
    else if (datum.count > 0) all_values_ = false;
    return;
  }
  for (const auto& [value, count] : datum.values) {
    take(count, value * count, value, value);
    if (count > 0) values_[value] += count;
  }
}

std::optional<double> MetricSum::Percentile(double percent) const {
  if (!all_values_) return std::nullopt;
  const double rank = percent / 100 * count_;
  double before = 0;
  for (const auto& [value, count] : values_) {
    before += count;
    if (before >= rank) return value;
  }
  return maximum_;
}

std::optional<double> MetricSum::Statistic(const std::string& statistic) const {
  if (Empty()) return std::nullopt;
  if (statistic == "SampleCount") return count_;
  if (statistic == "Sum") return sum_;
  if (statistic == "Average") return sum_ / count_;
  if (statistic == "Minimum") return minimum_;
  if (statistic == "Maximum") return maximum_;
  if (const auto percent = PercentileOf(statistic)) return Percentile(*percent);
  return std::nullopt;
}

}  // namespace smhost
