#include "api/protocol_query.h"

#include <catch2/catch.hpp>

#include "api/route.h"

namespace smhost {
namespace {

const ServiceShapes& Monitoring() { return ShapesOf(ServiceKind::kMonitoring); }
const ApiOperation& Operation(const char* name) { return *Monitoring().FindOperation(name); }

ApiResult<Json> Decoded(const char* operation, const std::string& form) {
  return DecodeQueryInput(Operation(operation), *ParseForm(form));
}

TEST_CASE("lists of structures, numbers, times and booleans") {
  const auto input = Decoded("PutMetricAlarm",
                             "Action=PutMetricAlarm&AlarmName=a&ActionsEnabled=True&Period=60&Threshold=1.5e1&"
                             "Dimensions.member.2.Name=n2&Dimensions.member.2.Value=v2&Dimensions.member.10.Name=n10&"
                             "Dimensions.member.10.Value=v10&Dimensions.member.1.Name=n1&Dimensions.member.1.Value=v1&Newer.member.1=x");
  REQUIRE(input);
  CHECK((*input)["ActionsEnabled"] == true);
  CHECK((*input)["Period"] == 60);
  CHECK((*input)["Threshold"] == 15.0);
  REQUIRE((*input)["Dimensions"].size() == 3);
  CHECK((*input)["Dimensions"][2] == Json{{"Name", "n10"}, {"Value", "v10"}});  // by number, not by spelling
  CHECK_FALSE(input->contains("Newer"));
  CHECK((*Decoded("GetMetricStatistics", "StartTime=2026-01-31T12%3A00%3A00.500Z"))["StartTime"] == 1769860800.5);
  CHECK(*Decoded("DescribeAlarms", "AlarmNames=") == Json{{"AlarmNames", Json::array()}});
}

TEST_CASE("what has not its shape's type is refused, with its place") {
  auto refused = [](const char* operation, const char* form) {
    auto input = Decoded(operation, form);
    REQUIRE_FALSE(input);
    CHECK(input.error().code == "SerializationException");
    return input.error().message;
  };
  CHECK(refused("PutMetricAlarm", "Period=1m") == "Value '1m' at 'period' is not an integer of 32 bits");
  CHECK(refused("PutMetricAlarm", "Period=3000000000") == "Value '3000000000' at 'period' is not an integer of 32 bits");
  CHECK(refused("PutMetricAlarm", "Threshold=inf") == "Value 'inf' at 'threshold' is not a number");
  CHECK(refused("PutMetricAlarm", "ActionsEnabled=1") == "Value '1' at 'actionsEnabled' is not true or false");
  CHECK_THAT(refused("GetMetricStatistics", "StartTime=now"), Catch::StartsWith("Value 'now' at 'startTime' is not a time"));
  CHECK_THAT(refused("PutMetricAlarm", "AlarmName.member.1=x"), Catch::Contains("at 'alarmName'"));
  CHECK_THAT(refused("PutMetricAlarm", (std::string(5000, '.') + "=x").c_str()), Catch::Contains("deeper or more"));
}

TEST_CASE("an answer is XML that escapes what is in it") {
  const Json output = {{"MetricAlarms", Json::array({{{"AlarmName", "<a> & \"b\"\x01"}, {"Threshold", 0.1}, {"ActionsEnabled", true},
                                                      {"StateUpdatedTimestamp", 1769860800.5}, {"Unit", nullptr}, {"Ours", 1}}})}};
  CHECK(EncodeQueryOutput(Monitoring(), Operation("DescribeAlarms"), output, "r1").body ==
        "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><DescribeAlarmsResult><MetricAlarms><member>"
        "<ActionsEnabled>true</ActionsEnabled><AlarmName>&lt;a&gt; &amp; \"b\"\uFFFD</AlarmName>"
        "<StateUpdatedTimestamp>2026-01-31T12:00:00.500Z</StateUpdatedTimestamp><Threshold>0.1</Threshold></member></MetricAlarms>"
        "</DescribeAlarmsResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></DescribeAlarmsResponse>");
}

TEST_CASE("numbers are written out where they have few digits") {
  auto threshold = [](double number) {
    const Json output = {{"MetricAlarms", Json::array({{{"Threshold", number}}})}};
    const std::string body = EncodeQueryOutput(Monitoring(), Operation("DescribeAlarms"), output, "r1").body;
    const std::size_t begin = body.find("<Threshold>") + 11;
    return body.substr(begin, body.find("</Threshold>") - begin);
  };
  CHECK(threshold(100000) == "100000");
  CHECK(threshold(0.00025) == "0.00025");
  CHECK(threshold(-2.5) == "-2.5");
  CHECK(threshold(1e300) == "1e+300");
  CHECK(threshold(0) == "0");
}

TEST_CASE("a void operation answers its request id") {
  CHECK(EncodeQueryOutput(Monitoring(), Operation("DeleteAlarms"), nullptr, "r1").body ==
        "<DeleteAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><ResponseMetadata><RequestId>r1</RequestId>"
        "</ResponseMetadata></DeleteAlarmsResponse>");
}

TEST_CASE("errors have the words of forms, whatever word the service used") {
  auto error = [](const ApiError& one) { return EncodeQueryError(&Monitoring(), &Operation("PutMetricData"), one, "r1"); };
  CHECK_THAT(error({"InvalidParameterValueException", "no"}).body, Catch::Contains("<Code>InvalidParameterValue</Code>"));
  CHECK_THAT(error({"ValidationException", "no"}).body, Catch::Contains("<Type>Sender</Type><Code>ValidationError</Code>"));
  const ApiAnswer fault = error({"InternalServiceFault", "no"});
  CHECK(fault.status == 500);
  CHECK_THAT(fault.body, Catch::Contains("<Type>Receiver</Type><Code>InternalServiceError</Code>"));
  CHECK(error({"AccessDeniedException", "no"}).status == 403);
  CHECK_THAT(EncodeQueryError(nullptr, nullptr, {"AccessDenied", "no"}, "r1").body, Catch::StartsWith("<ErrorResponse><Error>"));
}

}  // namespace
}  // namespace smhost
