#include "api/cloudwatch_service.h"

#include <cmath>
#include <limits>

#include "state/history.h"
#include "telemetry/series_file.h"
#include "unit/api/cloud_world.h"

using namespace smhost;

namespace {

constexpr double kDay = 86'400;

struct Watch : CloudWorld<CloudwatchService> {
  Json Alarm(const std::string& name) {
    return {{"AlarmName", name},      {"Namespace", "AWS/SageMaker"},  {"MetricName", "Invocation5XXErrors"},
            {"Statistic", "Sum"},     {"Period", 60},                  {"EvaluationPeriods", 1},
            {"Threshold", 0.0},       {"ComparisonOperator", "GreaterThanThreshold"},
            {"Dimensions", Json::array({{{"Name", "EndpointName"}, {"Value", "vad"}}, {{"Name", "VariantName"}, {"Value", "main"}}})}};
  }
  Json Alarms(const Json& input = Json::object()) { return Call("DescribeAlarms", input).at("MetricAlarms"); }
  void Put(const Json& datum, const std::string& name_space = "Shop") { Call("PutMetricData", {{"Namespace", name_space}, {"MetricData", Json::array({datum})}}); }
  std::string PutRefusal(const Json& datum) { return Refusal("PutMetricData", {{"Namespace", "Shop"}, {"MetricData", Json::array({datum})}}); }
  // What the controller writes of the variant's counters, a minute and half a minute ago.
  void Serve() {
    SeriesFile file(*files, home.Series());
    REQUIRE(files->MakeFolders(home.Run(), 0700));
    Series series;
    CounterSnapshot counters;
    const CounterKey key{account, "vad", "main", ""};
    series.Sample({{key, counters}});
    const auto sample = [&](std::chrono::seconds ago) {
      counters.invocations += 4;
      counters.errors_5xx += 1;
      const auto changed = series.Sample({{key, counters}});
      REQUIRE(file.Append(changed, series, clock.Wall() - ago));
    };
    series.BeginAtZero();
    sample(std::chrono::seconds(120));
    sample(std::chrono::seconds(60));
  }
};

}  // namespace

TEST_CASE_METHOD(Watch, "an alarm that is put is the document that apply takes, and shows the controller's state") {
  Json alarm = Alarm("errors");
  alarm["Tags"] = Json::array({{{"Key", "a"}, {"Value", "b"}}});
  Call("PutMetricAlarm", alarm);
  const Resource stored = store.Get(account, Kind::kAlarm, "errors").value();
  CHECK(stored.properties == alarm);
  Json shown = Alarms()[0];
  CHECK(StringOr(shown, "StateValue") == "INSUFFICIENT_DATA");
  CHECK(StringOr(shown, "AlarmArn") == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors");
  CHECK_FALSE(shown.contains("Tags"));
  REQUIRE(store.PutStatus(account, Kind::kAlarm, "errors", {{"AlarmUid", stored.uid}, {"StateValue", "ALARM"}, {"StateReason", "too many"}, {"StateUpdatedTimestamp", "2026-01-31T12:00:00.000Z"}}));
  shown = Alarms({{"StateValue", "ALARM"}})[0];
  CHECK(StringOr(shown, "StateReason") == "too many");
  CHECK(Alarms({{"StateValue", "OK"}}).empty());
  alarm["Threshold"] = 5.0;
  alarm.erase("Tags");
  Call("PutMetricAlarm", alarm);
  CHECK(store.Get(account, Kind::kAlarm, "errors")->properties.at("Threshold") == 5.0);
  CHECK(store.Get(account, Kind::kAlarm, "errors")->properties.at("Tags").size() == 1);
}

TEST_CASE_METHOD(Watch, "alarms that cannot be evaluated are refused, saying why") {
  Json alarm = Alarm("errors");
  alarm.erase("Statistic");
  CHECK_THAT(Refusal("PutMetricAlarm", alarm), Catch::StartsWith("ValidationError: ") && Catch::Contains("Statistic"));
  CHECK_THAT(Refusal("PutMetricAlarm", {{"AlarmName", "m"}, {"Metrics", Json::array({{{"Id", "a"}}})}, {"EvaluationPeriods", 1}, {"ComparisonOperator", "GreaterThanThreshold"}}),
             Catch::Contains("metrics math"));
  alarm = Alarm("under_score");
  CHECK_THAT(Refusal("PutMetricAlarm", alarm), Catch::Contains("AlarmName"));
  CHECK_THAT(Refusal("PutCompositeAlarm", {}), Catch::StartsWith("UnsupportedOperationException"));
}

TEST_CASE_METHOD(Watch, "alarms are found by name, prefix, action and metric, in pages") {
  for (const char* name : {"a-1", "a-2", "b-1"}) Call("PutMetricAlarm", Alarm(name));
  Json acting = Alarm("b-2");
  acting["AlarmActions"] = {"arn:aws:sns:us-east-1:000000000000:topic"};
  acting["Dimensions"][0]["Value"] = "other";
  Call("PutMetricAlarm", acting);
  CHECK(Alarms({{"AlarmNamePrefix", "a-"}}).size() == 2);
  CHECK(Alarms({{"AlarmNames", {"b-1", "none"}}}).size() == 1);
  CHECK(Alarms({{"ActionPrefix", "arn:aws:sns:"}}).size() == 1);
  CHECK(Alarms({{"AlarmTypes", {"CompositeAlarm"}}}).empty());
  const Json page = Call("DescribeAlarms", {{"MaxRecords", 3}});
  CHECK(page.at("MetricAlarms").size() == 3);
  const Json rest = Call("DescribeAlarms", {{"MaxRecords", 3}, {"NextToken", page.at("NextToken")}});
  CHECK(StringOr(rest.at("MetricAlarms")[0], "AlarmName") == "b-2");
  CHECK_FALSE(rest.contains("NextToken"));
  CHECK_THAT(Refusal("DescribeAlarms", {{"NextToken", "../"}}), Catch::StartsWith("InvalidNextToken"));
  Json metric = {{"Namespace", "AWS/SageMaker"}, {"MetricName", "Invocation5XXErrors"}, {"Dimensions", Alarm("x")["Dimensions"]}};
  CHECK(Call("DescribeAlarmsForMetric", metric).at("MetricAlarms").size() == 3);
  metric["Statistic"] = "Average";
  CHECK(Call("DescribeAlarmsForMetric", metric).at("MetricAlarms").empty());
  Call("DeleteAlarms", {{"AlarmNames", {"a-1", "none"}}});
  CHECK(Alarms().size() == 3);
}

TEST_CASE_METHOD(Watch, "a state that is set shows at once, for this alarm alone") {
  CHECK_THAT(Refusal("SetAlarmState", {{"AlarmName", "errors"}, {"StateValue", "ALARM"}, {"StateReason", "test"}}), Catch::StartsWith("ResourceNotFound"));
  Call("PutMetricAlarm", Alarm("errors"));
  CHECK_THAT(Refusal("SetAlarmState", {{"AlarmName", "errors"}, {"StateValue", "ALARM"}, {"StateReason", "test"}, {"StateReasonData", "{"}}), Catch::StartsWith("InvalidFormat"));
  Call("SetAlarmState", {{"AlarmName", "errors"}, {"StateValue", "ALARM"}, {"StateReason", "test"}});
  CHECK(StringOr(Alarms()[0], "StateValue") == "ALARM");
  CHECK(StringOr(Alarms()[0], "StateReason") == "test");
  Call("DeleteAlarms", {{"AlarmNames", {"errors"}}});
  Call("PutMetricAlarm", Alarm("errors"));
  CHECK(StringOr(Alarms()[0], "StateValue") == "INSUFFICIENT_DATA");
}

TEST_CASE_METHOD(Watch, "actions are switched and tags are kept") {
  Call("PutMetricAlarm", Alarm("errors"));
  Call("DisableAlarmActions", {{"AlarmNames", {"errors"}}});
  CHECK(Alarms()[0].at("ActionsEnabled") == false);
  Call("EnableAlarmActions", {{"AlarmNames", {"errors"}}});
  CHECK(Alarms()[0].at("ActionsEnabled") == true);
  const std::string arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors";
  Call("TagResource", {{"ResourceARN", arn}, {"Tags", Json::array({{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b"}, {"Value", "2"}}})}});
  Call("TagResource", {{"ResourceARN", arn}, {"Tags", Json::array({{{"Key", "a"}, {"Value", "3"}}})}});
  Call("UntagResource", {{"ResourceARN", arn}, {"TagKeys", {"b"}}});
  CHECK(Call("ListTagsForResource", {{"ResourceARN", arn}}).at("Tags") == Json::parse(R"([{"Key": "a", "Value": "3"}])"));
  CHECK_THAT(Refusal("ListTagsForResource", {{"ResourceARN", arn + "x"}}), Catch::StartsWith("ResourceNotFoundException"));
}

TEST_CASE_METHOD(Watch, "an alarm's history tells its states, newest first") {
  auto history = History::Open(clock, home);
  REQUIRE(history);
  for (const char* message : {"INSUFFICIENT_DATA to OK: fine: so far", "OK to ALARM: too many"}) {
    clock.Advance(std::chrono::seconds(1));
    REQUIRE(history->Append({0, "", account, "alarm", "errors", EventType::kNormal, "AlarmStateChanged", message}));
  }
  const Json items = Call("DescribeAlarmHistory", {{"AlarmName", "errors"}}).at("AlarmHistoryItems");
  REQUIRE(items.size() == 2);
  CHECK(StringOr(items[0], "HistorySummary") == "Alarm updated from OK to ALARM");
  CHECK(Json::parse(StringOr(items[1], "HistoryData")).at("newState") == Json::parse(R"({"stateValue": "OK", "stateReason": "fine: so far"})"));
  const Json page = Call("DescribeAlarmHistory", {{"MaxRecords", 1}, {"ScanBy", "TimestampAscending"}});
  CHECK(StringOr(page.at("AlarmHistoryItems")[0], "HistorySummary") == "Alarm updated from INSUFFICIENT_DATA to OK");
  CHECK(Call("DescribeAlarmHistory", {{"MaxRecords", 1}, {"NextToken", page.at("NextToken")}}).at("AlarmHistoryItems").size() == 1);
  CHECK(Call("DescribeAlarmHistory", {{"AlarmName", "errors"}, {"HistoryItemType", "Action"}}).at("AlarmHistoryItems").empty());
}

TEST_CASE_METHOD(Watch, "metrics that are put can be read as statistics, aligned to periods") {
  const double minute = std::floor(Now() / 60) * 60 - 60;
  Put({{"MetricName", "Orders"}, {"Value", 2.0}, {"Timestamp", minute + 1}, {"Unit", "Count"}});
  Put({{"MetricName", "Orders"}, {"Values", {1.0, 10.0}}, {"Counts", {3.0, 1.0}}, {"Timestamp", minute + 59}, {"Unit", "Count"}});
  const Json answer = Call("GetMetricStatistics", {{"Namespace", "Shop"}, {"MetricName", "Orders"}, {"StartTime", minute - 600}, {"EndTime", minute + 60}, {"Period", 60},
                                                   {"Statistics", {"Sum", "SampleCount", "Maximum"}}, {"ExtendedStatistics", {"p50"}}});
  REQUIRE(answer.at("Datapoints").size() == 1);
  const Json point = answer.at("Datapoints")[0];
  CHECK(point.at("Sum") == 15.0);
  CHECK(point.at("SampleCount") == 5.0);
  CHECK(point.at("Maximum") == 10.0);
  CHECK(point.at("ExtendedStatistics").at("p50") == 1.0);
  CHECK(StringOr(point, "Unit") == "Count");
  CHECK(ParseIso8601(StringOr(point, "Timestamp")).time_since_epoch() == std::chrono::seconds(static_cast<std::int64_t>(minute)));
  const Json listed = Call("ListMetrics", {{"Namespace", "Shop"}}).at("Metrics");
  CHECK(listed == Json::parse(R"([{"Namespace": "Shop", "MetricName": "Orders", "Dimensions": []}])"));
}

TEST_CASE_METHOD(Watch, "metric data that breaks a rule is refused in AWS's words, and nothing of it is kept") {
  CHECK(Refusal("PutMetricData", {{"Namespace", "AWS/SageMaker"}, {"MetricData", Json::array({{{"MetricName", "x"}, {"Value", 1}}})}}) ==
        "InvalidParameterValue: The value AWS/ for parameter Namespace is invalid.");
  CHECK_THAT(PutRefusal({{"MetricName", "x"}}), Catch::StartsWith("MissingParameter"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"Value", 1}, {"Values", {1}}}), Catch::StartsWith("InvalidParameterCombination"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"Values", {1, 2}}, {"Counts", {1}}}), Catch::Contains("same size"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"Values", std::vector<double>(151, 1.0)}}), Catch::Contains("150"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"Value", std::numeric_limits<double>::infinity()}}), Catch::Contains("finite"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"Value", 1}, {"Timestamp", Now() - kDay - 10}}), Catch::Contains("last day"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"Value", 1}, {"Timestamp", Now() + kDay}}), Catch::Contains("two hours"));
  CHECK_THAT(PutRefusal({{"MetricName", "x"}, {"StatisticValues", {{"SampleCount", 0}, {"Sum", 0}, {"Minimum", 0}, {"Maximum", 0}}}}), Catch::Contains("SampleCount"));
  CHECK_THAT(Refusal("PutMetricData", {{"Namespace", "Shop"}, {"MetricData", std::vector<Json>(1001, {{"MetricName", "x"}, {"Value", 1}})}}), Catch::Contains("1000"));
  CHECK(Call("ListMetrics").at("Metrics").empty());
}

TEST_CASE_METHOD(Watch, "metrics of an endpoint are listed and read with its dimensions") {
  Serve();
  CHECK(Call("ListMetrics", {{"Dimensions", Json::array({{{"Name", "EndpointName"}, {"Value", "vad"}}})}}).at("Metrics").size() == 7);
  CHECK(Call("ListMetrics", {{"Dimensions", Json::array({{{"Name", "EndpointName"}, {"Value", "other"}}})}}).at("Metrics").empty());
  const Json metric = {{"Namespace", "AWS/SageMaker"}, {"MetricName", "Invocations"}, {"Dimensions", Alarm("x")["Dimensions"]}};
  Json query = {{"MetricDataQueries", Json::array({{{"Id", "m1"}, {"MetricStat", {{"Metric", metric}, {"Period", 60}, {"Stat", "Sum"}}}}})},
                {"StartTime", Now() - 600},
                {"EndTime", Now() + 60},
                {"ScanBy", "TimestampAscending"}};
  const Json result = Call("GetMetricData", query).at("MetricDataResults")[0];
  CHECK(StringOr(result, "Label") == "Invocations");
  CHECK(result.at("Values") == Json({4.0, 4.0}));
  CHECK(StringOr(result, "StatusCode") == "Complete");
  CHECK(result.at("Timestamps")[0] < result.at("Timestamps")[1]);
  query["MaxDatapoints"] = 1;
  query["ScanBy"] = "TimestampDescending";
  const Json first = Call("GetMetricData", query);
  CHECK(StringOr(first.at("MetricDataResults")[0], "StatusCode") == "PartialData");
  query["NextToken"] = first.at("NextToken");
  const Json second = Call("GetMetricData", query);
  CHECK(second.at("MetricDataResults")[0].at("Values") == Json({4.0}));
  CHECK_FALSE(second.contains("NextToken"));
  query.erase("NextToken");
  query["EndTime"] = Now() - 300;
  CHECK(Call("GetMetricData", query).at("MetricDataResults")[0].at("Values").empty());
  query["MetricDataQueries"][0] = {{"Id", "e1"}, {"Expression", "m1 * 2"}};
  CHECK_THAT(Refusal("GetMetricData", query), Catch::Contains("expressions cannot be evaluated"));
  Json statistics = metric;
  statistics.update({{"StartTime", Now() - 90'000}, {"EndTime", Now()}, {"Period", 10}, {"Statistics", {"Sum"}}});
  CHECK_THAT(Refusal("GetMetricStatistics", statistics), Catch::StartsWith("InvalidParameterCombination: You have requested up to 9000 datapoints"));
}
