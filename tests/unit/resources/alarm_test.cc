#include <catch2/catch.hpp>

#include "documents.h"
#include "resources/alarm_view.h"
#include "resources/effects.h"
#include "resources/template.h"
#include "resources/validate.h"

using namespace smhost;

namespace {
std::vector<Fault> Faults(const Json& properties) { return Validate(DocumentOf(Kind::kAlarm, properties)); }
std::vector<Fault> Refusals(const Json& properties) { return Unsupported(DocumentOf(Kind::kAlarm, properties)); }
}  // namespace

TEST_CASE("an alarm on a metric says which one, its statistic, period and threshold") {
  CHECK(Faults(AlarmProperties()).empty());
  for (const char* member : {"MetricName", "Namespace", "Period", "Threshold", "Statistic", "EvaluationPeriods", "ComparisonOperator"}) {
    Json properties = AlarmProperties();
    properties.erase(member);
    INFO(member);
    CHECK_THAT(RuleAt(Faults(properties), std::string("Properties.") + member), Catch::StartsWith("is required"));
  }
}

TEST_CASE("an alarm's period is one that CloudWatch takes") {
  Json properties = AlarmProperties();
  for (int good : {10, 20, 30, 60, 120, 3600}) {
    properties["Period"] = good;
    CHECK(Faults(properties).empty());
  }
  for (int bad : {1, 5, 40, 61, 90}) {
    properties["Period"] = bad;
    CHECK(RuleAt(Faults(properties), "Properties.Period") == "must be 10, 20, 30 or a multiple of 60");
  }
}

TEST_CASE("an alarm needs no more datapoints than it looks at, and one statistic") {
  Json properties = AlarmProperties();
  properties["DatapointsToAlarm"] = 2;
  CHECK(RuleAt(Faults(properties), "Properties.DatapointsToAlarm") == "must be at most EvaluationPeriods, 1");
  properties = AlarmProperties();
  properties["ExtendedStatistic"] = "p99";
  CHECK(RuleAt(Faults(properties), "Properties.ExtendedStatistic") == "must not stand beside Statistic");
  properties = AlarmProperties();
  properties["Dimensions"].push_back({{"Name", "VariantName"}, {"Value", "w"}});
  CHECK(RuleAt(Faults(properties), "Properties.Dimensions[2].Name") == "stands in two dimensions");
}

TEST_CASE("metrics math, anomaly detection and other statistics than percentiles are refused plainly") {
  Json properties = AlarmProperties();
  properties["Metrics"] = Json::array({{{"Id", "m1"}, {"Expression", "m2/m3"}}});
  CHECK_THAT(RuleAt(Refusals(properties), "Properties.Metrics"), Catch::Contains("cannot be evaluated by this build"));
  properties = AlarmProperties();
  properties["ComparisonOperator"] = "GreaterThanUpperThreshold";
  CHECK_THAT(RuleAt(Refusals(properties), "Properties.ComparisonOperator"), Catch::Contains("anomaly detection"));
  properties = AlarmProperties();
  properties.erase("Statistic");
  for (const char* good : {"p0", "p50", "p99.9", "p100"}) {
    properties["ExtendedStatistic"] = good;
    CHECK(Refusals(properties).empty());
  }
  for (const char* bad : {"tm90", "p101", "p", "p-1", "p9x", "pnan", "p 9", "p1e1"}) {
    properties["ExtendedStatistic"] = bad;
    CHECK_THAT(RuleAt(Refusals(properties), "Properties.ExtendedStatistic"), Catch::Contains("p0 to p100"));
  }
  properties = AlarmProperties();
  properties["Period"] = 3600;
  properties["EvaluationPeriods"] = 25;
  CHECK_THAT(RuleAt(Refusals(properties), "Properties.EvaluationPeriods"), Catch::Contains("at most a day"));
}

TEST_CASE("an alarm that will never have data is noted with the reason") {
  auto notes = [](const Json& properties) { return Unbuilt(DocumentOf(Kind::kAlarm, properties)); };
  Json properties = AlarmProperties();
  properties["MetricName"] = "CPUUtilization";
  REQUIRE(notes(properties).size() == 1);
  CHECK_THAT(notes(properties)[0].text, Catch::Contains("ModelLatency"));
  properties = AlarmProperties();
  properties["Dimensions"].erase(1);
  REQUIRE(notes(properties).size() == 1);
  CHECK(notes(properties)[0].path == "Properties.Dimensions");
  properties = AlarmProperties();
  properties["AlarmActions"] = Json::array({"arn:aws:sns:us-east-1:123456789012:t"});
  REQUIRE(notes(properties).size() == 1);
  CHECK_THAT(notes(properties)[0].text, Catch::Contains("no actions are sent"));
}

TEST_CASE("an alarm's view fills in what the document leaves out") {
  Json properties = AlarmProperties();
  properties["EvaluationPeriods"] = 3;
  properties["Dimensions"].push_back({{"Name", "EndpointConfigName"}, {"Value", "c"}});
  const AlarmView view = ViewAlarm(properties);
  CHECK(view.endpoint == "e");
  CHECK(view.variant == "v");
  CHECK(view.config == "c");
  CHECK_FALSE(view.other_dimensions);
  CHECK(view.datapoints_to_alarm == 3);
  CHECK(view.missing == "missing");
  CHECK(view.statistic == "Sum");
}

TEST_CASE("in a template Ref gives an alarm's name and GetAtt its ARN") {
  const auto loaded = LoadDocuments(R"({"Resources": {"Errors": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
      "Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Statistic": "Sum", "Period": 10, "EvaluationPeriods": 1,
      "Threshold": 1, "ComparisonOperator": "LessThanThreshold",
      "Dimensions": [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}]}}},
      "Outputs": {"Name": {"Value": {"Ref": "Errors"}}, "Arn": {"Value": {"Fn::GetAtt": ["Errors", "Arn"]}}}})",
                                    "t.json", "/", {});
  REQUIRE(loaded);
  CHECK(loaded->outputs.at("Name") == "Errors");
  CHECK(loaded->outputs.at("Arn") == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:Errors");
}
