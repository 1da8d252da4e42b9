#include "api/protocol_json.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

const ApiOperation& Operation(const char* name) { return *ShapesOf(ServiceKind::kSageMaker).FindOperation(name); }
const ApiOperation& Monitoring(const char* name) { return *ShapesOf(ServiceKind::kMonitoring).FindOperation(name); }

std::string Refused(const char* operation, const char* body) {
  auto input = DecodeJsonInput(Operation(operation), body);
  REQUIRE_FALSE(input);
  CHECK(input.error().code == "SerializationException");
  return input.error().message;
}

TEST_CASE("members that are unknown or null are dropped, times become seconds") {
  const auto input = DecodeJsonInput(Operation("ListModels"),
                                     R"({"MaxResults":5.0,"NewerMember":{"x":[1]},"NextToken":null,"CreationTimeAfter":1.5})");
  CHECK(*input == Json{{"MaxResults", 5}, {"CreationTimeAfter", 1.5}});
  CHECK(DecodeJsonInput(Operation("ListModels"), R"({"CreationTimeAfter":"2026-01-31T12:00:00Z"})")->at("CreationTimeAfter") ==
        1769860800);
}

TEST_CASE("an empty body is an empty input") {
  CHECK(*DecodeJsonInput(Operation("ListModels"), "") == Json::object());
  CHECK(*DecodeJsonInput(Operation("ListModels"), " \n") == Json::object());
}

TEST_CASE("a wrong type is refused in AWS's words, with its place") {
  CHECK(Refused("ListModels", R"({"MaxResults":"5"})") == "STRING_VALUE cannot be converted to Integer, at 'maxResults'");
  CHECK(Refused("ListModels", R"({"MaxResults":1.5})") == "NUMBER_VALUE cannot be converted to Integer, at 'maxResults'");
  CHECK(Refused("ListModels", R"({"MaxResults":3000000000})") == "NUMBER_VALUE cannot be converted to Integer, at 'maxResults'");
  CHECK(Refused("CreateModel", R"({"ModelName":5})") == "NUMBER_VALUE cannot be converted to String, at 'modelName'");
  CHECK(Refused("CreateModel", R"({"ModelName":{}})") == "Start of structure or map found where not expected, at 'modelName'");
  CHECK(Refused("CreateModel", R"({"Containers":{}})") == "Start of structure or map found where not expected, at 'containers'");
  CHECK(Refused("CreateModel", R"({"Containers":[{"Environment":{"A":true}}]})") ==
        "TRUE_VALUE cannot be converted to String, at 'containers.1.member.environment.A.member'");
  CHECK(Refused("CreateModel", "[]") == "Start of list found where not expected");
  CHECK_THAT(Refused("CreateModel", "{"), Catch::Contains("not valid JSON"));
  CHECK_THAT(Refused("CreateModel", R"({"ModelName":"a","ModelName":"b"})"), Catch::Contains("twice"));
  CHECK_THAT(Refused("CreateModel", "null"), Catch::Contains("not null"));
}

TEST_CASE("an output has no nulls, no members beyond its shape, and times in seconds") {
  const Json output = {{"EndpointName", "e"}, {"FailureReason", nullptr}, {"Ours", 1}, {"CreationTime", "2026-01-31T12:00:00.250Z"},
                       {"LastModifiedTime", 1769860800}};
  const ApiAnswer answer = EncodeJsonOutput(Operation("DescribeEndpoint"), output, WireProtocol::kJson11);
  CHECK(answer.content_type == "application/x-amz-json-1.1");
  CHECK(answer.body == R"({"CreationTime":1769860800.25,"EndpointName":"e","LastModifiedTime":1769860800})");
}

TEST_CASE("a void operation answers an empty object") {
  CHECK(EncodeJsonOutput(Operation("DeleteModel"), nullptr, WireProtocol::kJson11).body == "{}");
}

TEST_CASE("an error names its type, and its members by its shape") {
  const ApiAnswer plain = EncodeJsonError({"ValidationException", "no"}, &Operation("CreateModel"), false, WireProtocol::kJson11);
  CHECK(plain.status == 400);
  CHECK(plain.body == R"({"__type":"ValidationException","message":"no"})");
  CHECK(plain.headers.empty());
  const ApiAnswer limit = EncodeJsonError({"ResourceLimitExceeded", "much"}, &Operation("CreateModel"), false, WireProtocol::kJson11);
  CHECK(limit.body == R"({"Message":"much","__type":"ResourceLimitExceeded"})");
}

TEST_CASE("where a service had the query protocol, an error tells that word too, and the model's status") {
  const ApiAnswer answer = EncodeJsonError({"InvalidParameterValue", "no"}, &Monitoring("PutMetricData"), true, WireProtocol::kJson10);
  CHECK(Json::parse(answer.body)["__type"] == "InvalidParameterValueException");
  CHECK(answer.headers == std::vector<std::pair<std::string, std::string>>{{"x-amzn-query-error", "InvalidParameterValue;Sender"}});
  CHECK(answer.content_type == "application/x-amz-json-1.0");
  CHECK(EncodeJsonError({"ResourceNotFound", "no"}, &Monitoring("DeleteAlarms"), true, WireProtocol::kJson10).status == 404);
  const ApiAnswer fault = EncodeJsonError({"InternalServiceFault", "oh"}, &Monitoring("PutMetricData"), true, WireProtocol::kJson10);
  CHECK(fault.status == 500);
  CHECK(fault.headers[0].second == "InternalServiceError;Receiver");
}

}  // namespace
}  // namespace smhost
