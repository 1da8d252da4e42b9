// CloudwatchService: metrics.
#include <algorithm>
#include <cmath>
#include <set>

#include "api/cloud_result.h"
#include "api/cloudwatch_data.h"
#include "api/cloudwatch_service.h"
#include "base/limits_api.h"
#include "telemetry/metric_log.h"

namespace smhost {

using namespace cloudwatch;

namespace {

constexpr std::size_t kMetricsAPage = 500;
constexpr std::int64_t kRecently = 3 * 3600;  // RecentlyActive knows PT3H alone
constexpr std::int64_t kAhead = 2 * 3600;

tl::unexpected<ApiError> BadValue(std::string message) { return ApiFail("InvalidParameterValue", std::move(message)); }

std::int64_t NowSeconds(const Clock& clock) { return std::chrono::duration_cast<std::chrono::seconds>(clock.Wall().time_since_epoch()).count(); }

std::string TimeText(std::int64_t seconds) { return FormatIso8601(WallTime(std::chrono::seconds(seconds))); }

// What a client gives for one datum; `place` is its name in messages.
ApiResult<MetricDatum> DatumOf(const std::string& name_space, const Json& json, const std::string& place, std::int64_t now) {
  MetricDatum datum;
  datum.id = MetricIdOf(json);
  datum.id.name_space = name_space;
  datum.unit = StringOr(json, "Unit", "None");
  const Json& dimensions = MemberOr(json, "Dimensions");
  if (dimensions.is_array() && dimensions.size() != datum.id.dimensions.size()) return BadValue("The parameter " + place + ".Dimensions has a name twice.");
  if (datum.id.dimensions.size() > limits::kMetricDimensions)
    return BadValue("The collection " + place + ".Dimensions must not have a size greater than " + std::to_string(limits::kMetricDimensions) + ".");
  const double time = DoubleOr(json, "Timestamp", static_cast<double>(now));
  if (!(time <= static_cast<double>(now + kAhead))) return BadValue("The parameter " + place + ".Timestamp must specify a time within the next two hours.");
  if (!(time >= static_cast<double>(now - kDaySeconds)))
    return BadValue("The parameter " + place + ".Timestamp must specify a time of the last day: this build keeps no older values.");
  datum.time = static_cast<std::int64_t>(time);
  const bool single = json.contains("Value"), list = json.contains("Values"), set = json.contains("StatisticValues");
  if (single + list + set > 1)
    return ApiFail("InvalidParameterCombination", "The parameters " + place + ".Value, " + place + ".Values and " + place + ".StatisticValues are mutually exclusive and you have specified more than one.");
  if (!single && !list && !set) return ApiFail("MissingParameter", "At least one of the parameters " + place + ".Value, .Values and .StatisticValues must be specified.");
  if (single) datum.values.emplace_back(DoubleOr(json, "Value"), 1);
  if (set) {
    const Json& given = json.at("StatisticValues");
    datum.is_set = true;
    datum.count = DoubleOr(given, "SampleCount");
    datum.sum = DoubleOr(given, "Sum");
    datum.minimum = DoubleOr(given, "Minimum");
    datum.maximum = DoubleOr(given, "Maximum");
    if (!(datum.count > 0) || !std::isfinite(datum.count) || !std::isfinite(datum.sum) || !(datum.minimum <= datum.maximum) || !std::isfinite(datum.minimum) || !std::isfinite(datum.maximum))
      return BadValue("The parameter " + place + ".StatisticValues must have a SampleCount above 0, finite numbers, and a Minimum that is not above its Maximum.");
  }
  if (list) {
    const Json &values = json.at("Values"), &counts = MemberOr(json, "Counts");
    if (values.empty() || values.size() > limits::kMetricValuesPerDatum)
      return BadValue("The collection " + place + ".Values must have 1 to " + std::to_string(limits::kMetricValuesPerDatum) + " values.");
    if (counts.is_array() && counts.size() != values.size()) return BadValue("The parameters " + place + ".Values and " + place + ".Counts must be of the same size.");
    for (std::size_t i = 0; i < values.size(); ++i)
      datum.values.emplace_back(values[i].get<double>(), counts.is_array() ? counts[i].get<double>() : 1.0);
  }
  for (const auto& [value, count] : datum.values)
    if (!std::isfinite(value) || !std::isfinite(count) || count < 0) return BadValue("The value for parameter " + place + ".Value must be a finite number.");
  return datum;
}

// Do the metric's dimensions have all that are asked for (name, and value where one is given)?
bool HasDimensions(const MetricId& id, const Json& filters) {
  for (const Json& filter : filters) {
    const auto found = id.dimensions.find(StringOr(filter, "Name"));
    if (found == id.dimensions.end() || (filter.contains("Value") && found->second != StringOr(filter, "Value"))) return false;
  }
  return true;
}

Json ShowMetric(const MetricId& id) {
  Json dimensions = Json::array();
  for (const auto& [name, value] : id.dimensions) dimensions.push_back({{"Name", name}, {"Value", value}});
  return {{"Namespace", id.name_space}, {"MetricName", id.name}, {"Dimensions", dimensions}};
}

// A position that a token names; nothing for what is none.
std::optional<std::size_t> PositionOf(const std::string& token) {
  if (token.empty()) return 0;
  if (token.size() > 9 || token.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoul(token);
}

// One of MetricDataQueries, checked.
struct MetricDataQuery {
  std::string id, label, statistic, unit;
  MetricId metric;
  int period = 60;
  bool shown = true;
};

ApiResult<MetricDataQuery> QueryOf(const Json& json) {
  MetricDataQuery query;
  query.id = StringOr(json, "Id");
  const std::string place = "MetricDataQueries \"" + query.id + "\"";
  if (json.contains("Expression")) return ApiFail("ValidationError", place + ": expressions cannot be evaluated by this build: give MetricStat.");
  if (!json.contains("MetricStat")) return ApiFail("ValidationError", place + ": MetricStat is required.");
  if (json.contains("AccountId")) return ApiFail("ValidationError", place + ": AccountId cannot be used by this build: an account sees its own metrics.");
  const Json& stat = json.at("MetricStat");
  query.metric = MetricIdOf(MemberOr(stat, "Metric"));
  query.statistic = StringOr(stat, "Stat");
  query.unit = StringOr(stat, "Unit");
  query.label = StringOr(json, "Label", query.metric.name);
  query.shown = BoolOr(json, "ReturnData", true);
  const std::int64_t period = IntOr(stat, "Period");
  if (!IsPeriod(period, query.metric.name_space))
    return ApiFail("ValidationError", place + ": Period must be 10, 20, 30 or a multiple of 60 and at most a day (1 and 5 too for metrics that clients put).");
  if (!IsStatistic(query.statistic))
    return ApiFail("ValidationError", place + ": the statistic " + query.statistic + " cannot be evaluated by this build: SampleCount, Average, Sum, Minimum, Maximum and percentiles (p0 to p100) can.");
  query.period = static_cast<int>(period);
  return query;
}

struct Point {
  std::int64_t time = 0;
  double value = 0;
};

std::vector<Point> PointsOf(const MetricReader& reader, const MetricDataQuery& query, double start, double end, std::int64_t now, bool newest_first) {
  const Stretch stretch = StretchOf(start, end, query.period, now);
  const auto values = reader.Query(query.metric, query.statistic, stretch, query.unit);
  std::vector<Point> points;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i]) points.push_back({stretch.begin + static_cast<std::int64_t>(i) * stretch.period, *values[i]});
  if (newest_first) std::reverse(points.begin(), points.end());
  return points;
}

}  // namespace

ApiResult<Json> CloudwatchService::PutMetricData(const Request& request) {
  SMHOST_API_CHECK(May(request));
  const std::string name_space = StringOr(request.input, "Namespace");
  if (IsAwsNamespace(name_space)) return BadValue("The value AWS/ for parameter Namespace is invalid.");
  if (name_space.empty() || name_space[0] == ':') return BadValue("The value " + name_space + " for parameter Namespace is invalid.");
  if (!MemberOr(request.input, "EntityMetricData").empty()) return BadValue("EntityMetricData cannot be used by this build: give MetricData.");
  const Json& given = MemberOr(request.input, "MetricData");
  if (given.empty()) return ApiFail("MissingParameter", "The parameter MetricData is required.");
  if (given.size() > limits::kMetricDataPerPut)
    return BadValue("The collection MetricData must not have a size greater than " + std::to_string(limits::kMetricDataPerPut) + ".");
  std::vector<MetricDatum> data;
  for (std::size_t i = 0; i < given.size(); ++i) {
    SMHOST_API_TRY(MetricDatum datum, DatumOf(name_space, given[i], "MetricData.member." + std::to_string(i + 1), NowSeconds(context_.clock)));
    data.push_back(std::move(datum));
  }
  const Status put = AppendMetricData(context_.files, context_.home, request.caller.account, data);
  if (!put) return ApiFail(put.error());
  return Json();
}

ApiResult<Json> CloudwatchService::ListMetrics(const Request& request) {
  SMHOST_API_CHECK(May(request));
  const Json& input = request.input;
  if (BoolOr(input, "IncludeLinkedAccounts")) return BadValue("IncludeLinkedAccounts cannot be used by this build: an account sees its own metrics.");
  const auto begin = PositionOf(StringOr(input, "NextToken"));
  if (!begin) return BadValue("The value for parameter NextToken is invalid.");
  const std::int64_t since = input.contains("RecentlyActive") ? kRecently : kDaySeconds;
  std::set<MetricId> all = MetricReader(context_, request.caller.account, {}).EndpointMetrics(since);
  for (const auto& [id, newest] : ListCustomMetrics(context_.files, context_.clock, context_.home, request.caller.account))
    if (newest >= NowSeconds(context_.clock) - since) all.insert(id);
  const std::string name_space = StringOr(input, "Namespace"), name = StringOr(input, "MetricName");
  std::size_t position = 0;
  Json output = {{"Metrics", Json::array()}};
  for (const MetricId& id : all) {
    if (!name_space.empty() && id.name_space != name_space) continue;
    if (!name.empty() && id.name != name) continue;
    if (!HasDimensions(id, MemberOr(input, "Dimensions"))) continue;
    if (position++ < *begin) continue;
    if (output["Metrics"].size() == kMetricsAPage) {
      output["NextToken"] = std::to_string(position - 1);
      break;
    }
    output["Metrics"].push_back(ShowMetric(id));
  }
  return output;
}

ApiResult<Json> CloudwatchService::GetMetricData(const Request& request) {
  SMHOST_API_CHECK(May(request));
  const Json& input = request.input;
  const double start = DoubleOr(input, "StartTime"), end = DoubleOr(input, "EndTime");
  if (!(start < end)) return ApiFail("ValidationError", "The parameter EndTime must be greater than StartTime.");
  const Json& given = MemberOr(input, "MetricDataQueries");
  if (given.empty() || given.size() > limits::kMetricQueries)
    return ApiFail("ValidationError", "The collection MetricDataQueries must have 1 to " + std::to_string(limits::kMetricQueries) + " members.");
  std::vector<MetricDataQuery> queries;
  std::set<std::string> ids;
  std::set<MetricId> metrics;
  for (const Json& json : given) {
    SMHOST_API_TRY(MetricDataQuery query, QueryOf(json));
    if (!ids.insert(query.id).second) return ApiFail("ValidationError", "The values for parameter id in MetricDataQueries are not unique.");
    metrics.insert(query.metric);
    queries.push_back(std::move(query));
  }
  auto skip = PositionOf(StringOr(input, "NextToken"));
  if (!skip) return ApiFail("InvalidNextToken", "The token is not one of GetMetricData.");
  const std::int64_t most = IntOr(input, "MaxDatapoints", static_cast<std::int64_t>(limits::kMetricDataPoints));
  auto room = static_cast<std::size_t>(std::clamp<std::int64_t>(most, 1, static_cast<std::int64_t>(limits::kMetricDataPoints)));
  const std::size_t begin = *skip, page = room;
  const bool newest_first = StringOr(input, "ScanBy", "TimestampDescending") == "TimestampDescending";
  const MetricReader reader(context_, request.caller.account, metrics);
  Json output = {{"MetricDataResults", Json::array()}, {"Messages", Json::array()}};
  for (const MetricDataQuery& query : queries) {
    if (!query.shown) continue;
    const auto points = PointsOf(reader, query, start, end, NowSeconds(context_.clock), newest_first);
    const std::size_t from = std::min(*skip, points.size());
    *skip -= from;
    const std::size_t to = std::min(points.size(), from + room);
    room -= to - from;
    Json result = {{"Id", query.id}, {"Label", query.label}, {"Timestamps", Json::array()}, {"Values", Json::array()}, {"StatusCode", to < points.size() ? "PartialData" : "Complete"}};
    for (std::size_t i = from; i < to; ++i) {
      result["Timestamps"].push_back(TimeText(points[i].time));
      result["Values"].push_back(points[i].value);
    }
    output["MetricDataResults"].push_back(std::move(result));
    if (to < points.size()) output["NextToken"] = std::to_string(begin + page);
  }
  return output;
}

ApiResult<Json> CloudwatchService::GetMetricStatistics(const Request& request) {
  SMHOST_API_CHECK(May(request));
  const Json& input = request.input;
  const MetricId id = MetricIdOf(input);
  const double start = DoubleOr(input, "StartTime"), end = DoubleOr(input, "EndTime");
  const std::int64_t period = IntOr(input, "Period");
  if (!(start < end)) return ApiFail("InvalidParameterCombination", "The parameter StartTime must be less than the parameter EndTime.");
  if (!IsPeriod(period, id.name_space))
    return BadValue("The parameter Period must be 10, 20, 30 or a multiple of 60 and at most a day (1 and 5 too for metrics that clients put).");
  const double points = (end - start) / static_cast<double>(period);
  if (points > static_cast<double>(limits::kMetricPoints))
    return ApiFail("InvalidParameterCombination", "You have requested up to " + std::to_string(static_cast<std::int64_t>(std::min(points, 1e15))) +
                                                      " datapoints, which exceeds the limit of " + std::to_string(limits::kMetricPoints) +
                                                      ". You may reduce the datapoints requested by increasing Period, or decreasing the time range.");
  const Json &plain = MemberOr(input, "Statistics"), &extended = MemberOr(input, "ExtendedStatistics");
  if (plain.empty() && extended.empty()) return ApiFail("MissingParameter", "The parameter Statistics or ExtendedStatistics must be specified.");
  for (const Json& statistic : extended)
    if (!IsStatistic(statistic.get<std::string>())) return BadValue("The value " + statistic.get<std::string>() + " for parameter ExtendedStatistics cannot be evaluated by this build: percentiles (p0 to p100) can.");
  const MetricReader reader(context_, request.caller.account, {id});
  const Stretch stretch = StretchOf(start, end, static_cast<int>(period), NowSeconds(context_.clock));
  Json list = Json::array();
  for (const std::string& unit : reader.Units(id, stretch)) {
    if (const std::string wanted = StringOr(input, "Unit"); !wanted.empty() && wanted != unit) continue;
    std::vector<Json> data(stretch.count);
    const auto add = [&](const std::string& statistic, bool is_extended) {
      const auto values = reader.Query(id, statistic, stretch, unit);
      for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i]) (is_extended ? data[i]["ExtendedStatistics"] : data[i])[statistic] = *values[i];
    };
    for (const Json& statistic : plain) add(statistic.get<std::string>(), false);
    for (const Json& statistic : extended) add(statistic.get<std::string>(), true);
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (data[i].is_null()) continue;
      data[i]["Timestamp"] = TimeText(stretch.begin + static_cast<std::int64_t>(i) * stretch.period);
      data[i]["Unit"] = unit;
      list.push_back(std::move(data[i]));
    }
  }
  return Json{{"Label", id.name}, {"Datapoints", list}};
}

}  // namespace smhost
