#include "api/dispatch.h"

#include <catch2/catch.hpp>
#include <zlib.h>

#include "api/protocol_cbor.h"
#include "base/limits_api.h"
#include "unit/api/api_world.h"

namespace smhost {
namespace {

std::string Gzipped(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST_CASE_METHOD(ApiWorld, "a JSON request reaches its service with the decoded input and the caller") {
  sagemaker.answer = Json{{"ModelArn", "arn:aws:sagemaker:us-east-1:123456789012:model/m"}};
  AskJson("SageMaker.CreateModel", R"({"ModelName":"m","Newer":1})");
  CHECK(sagemaker.operation == "CreateModel");
  CHECK(sagemaker.input == Json{{"ModelName", "m"}});
  CHECK(sagemaker.account == "123456789012");
  CHECK(responder.head.status == 200);
  CHECK(responder.Header("Content-Type") == "application/x-amz-json-1.1");
  CHECK(Answered() == *sagemaker.answer);
}

TEST_CASE_METHOD(ApiWorld, "an input that breaks a rule never reaches the service") {
  AskJson("SageMaker.CreateModel", R"({"ModelName":"m_1"})");
  CHECK(sagemaker.calls == 0);
  CHECK(responder.head.status == 400);
  CHECK(Answered()["__type"] == "ValidationException");
}

TEST_CASE_METHOD(ApiWorld, "what AWS has and smhost has not is told by name, what nobody has likewise") {
  AskJson("SageMaker.CreateTrainingJob", "{}");
  CHECK(Answered() == Json{{"__type", "UnsupportedOperationException"}, {"message", "smhost does not implement SageMaker CreateTrainingJob"}});
  CHECK(responder.head.status == 400);
  AskJson("SageMaker.CreateWorld", "{}");
  CHECK(Answered() == Json{{"__type", "UnknownOperationException"}, {"message", "SageMaker has no operation CreateWorld"}});
  AskJson("Logs_20140328.DescribeLogGroups", "{}");
  CHECK(Answered()["__type"] == "UnknownOperationException");
  CHECK_THAT(Answered()["message"].get<std::string>(), Catch::Contains("Logs_20140328.DescribeLogGroups"));
  AskForm("Action=AssumeRoleWithSAML&Version=2011-06-15");
  CHECK_THAT(responder.body, Catch::Contains("<Code>UnsupportedOperation</Code>") && Catch::Contains("AssumeRoleWithSAML"));
  AskForm("Action=Nothing&Version=2011-06-15");
  CHECK_THAT(responder.body, Catch::Contains("<Code>InvalidAction</Code>"));
}

TEST_CASE_METHOD(ApiWorld, "a form goes to the service of its version, by POST or by GET") {
  sts.answer = Json{{"Account", "123456789012"}, {"UserId", "u"}, {"Arn", "a"}};
  AskForm("Action=GetCallerIdentity&Version=2011-06-15");
  CHECK(responder.head.status == 200);
  CHECK(responder.Header("Content-Type") == "text/xml");
  CHECK(responder.body ==
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
        "<Account>123456789012</Account><Arn>a</Arn><UserId>u</UserId></GetCallerIdentityResult><ResponseMetadata>"
        "<RequestId>request-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
  Ask({"GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}}, "");
  CHECK(sts.calls == 2);
  AskForm("Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a");
  CHECK(monitoring.input == Json{{"AlarmNames", {"a"}}});
  AskForm("Action=ListStacks", "cloudformation");
  CHECK(cloudformation.operation == "ListStacks");
}

TEST_CASE_METHOD(ApiWorld, "a form without an action, or of an unknown version, is refused") {
  AskForm("Version=2011-06-15");
  CHECK_THAT(responder.body, Catch::Contains("<Code>MissingAction</Code>"));
  AskForm("Action=Publish&Version=2010-03-31");
  CHECK_THAT(responder.body, Catch::Contains("<Code>InvalidAction</Code>") && Catch::Contains("2010-03-31"));
}

TEST_CASE_METHOD(ApiWorld, "CloudWatch answers in JSON, forms and CBOR alike") {
  monitoring.answer = Json{{"Metrics", Json::array({{{"Namespace", "n"}, {"MetricName", "m"}}})}};
  AskJson("GraniteServiceVersion20100801.ListMetrics", "{}", "1.0");
  CHECK(responder.Header("Content-Type") == "application/x-amz-json-1.0");
  CHECK(Answered() == *monitoring.answer);
  AskForm("Action=ListMetrics&Version=2010-08-01");
  CHECK_THAT(responder.body, Catch::Contains("<Metrics><member><MetricName>m</MetricName><Namespace>n</Namespace></member></Metrics>"));
  Ask({"POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics", {{"smithy-protocol", "rpc-v2-cbor"}}}, "\xa0");
  CHECK(responder.Header("Content-Type") == "application/cbor");
  CHECK(responder.Header("smithy-protocol") == "rpc-v2-cbor");
  CHECK(*ReadCbor(responder.body) == *monitoring.answer);
}

TEST_CASE_METHOD(ApiWorld, "a service's error has the form of the protocol") {
  monitoring.answer = ApiFail("ResourceNotFound", "no alarm <a>");
  AskJson("GraniteServiceVersion20100801.DeleteAlarms", R"({"AlarmNames":["a"]})", "1.0");
  CHECK(responder.head.status == 404);
  CHECK(responder.Header("x-amzn-query-error") == "ResourceNotFound;Sender");
  AskForm("Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=a");
  CHECK(responder.head.status == 404);
  CHECK(responder.body ==
        "<ErrorResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><Error><Type>Sender</Type>"
        "<Code>ResourceNotFound</Code><Message>no alarm &lt;a&gt;</Message></Error><RequestId>request-1</RequestId></ErrorResponse>");
  Ask({"POST", "/service/GraniteServiceVersion20100801/operation/DeleteAlarms", {{"smithy-protocol", "rpc-v2-cbor"}}},
      std::string("\xa1\x6a") + "AlarmNames" + "\x81\x61" + "a");
  CHECK(responder.head.status == 404);
  CHECK(*ReadCbor(responder.body) == Json{{"__type", "ResourceNotFound"}, {"message", "no alarm <a>"}});
}

TEST_CASE_METHOD(ApiWorld, "an error of the signature has each protocol's word and status") {
  StringBody reader("");
  auto word = [&](const HttpHead& head, const char* claimed) {
    responder = {};
    ApiExchange exchange{head, std::nullopt, false, false, "request-1", reader, responder};
    REQUIRE(SendApiError(exchange, RouteOf(head, claimed), {"InvalidSignatureException", "no"}));
    return std::to_string(responder.head.status) + " " + responder.body;
  };
  CHECK(word({"POST", "/", {{"x-amz-target", "SageMaker.ListModels"}}}, "sagemaker") ==
        R"(400 {"__type":"InvalidSignatureException","message":"no"})");
  CHECK_THAT(word({"POST", "/", {{"content-type", "application/x-www-form-urlencoded"}}}, "sts"),
             Catch::StartsWith("403 <ErrorResponse xmlns=\"https://sts") && Catch::Contains("<Code>SignatureDoesNotMatch</Code>"));
}

TEST_CASE_METHOD(ApiWorld, "a compressed body is unpacked, up to the limit of a body") {
  const HttpHead head{"POST", "/", {{"content-type", "application/x-amz-json-1.1"}, {"x-amz-target", "SageMaker.ListModels"},
                                    {"content-encoding", "gzip"}}};
  Ask(head, Gzipped(R"({"MaxResults":7})"));
  CHECK(sagemaker.input == Json{{"MaxResults", 7}});
  Ask(head, Gzipped(std::string(limits::kApiBodyBytes + 1, ' ')));
  CHECK(responder.head.status == 413);
  for (const std::string& broken : {std::string("{}"), Gzipped("{}").substr(0, 12), Gzipped("{}") + "x", std::string()}) {
    Ask(head, broken);
    CHECK(Answered()["__type"] == "SerializationException");
  }
}

TEST_CASE_METHOD(ApiWorld, "a body past the limit is refused unread") {
  AskJson("SageMaker.ListModels", std::string(limits::kApiBodyBytes + 1, ' '));
  CHECK(responder.head.status == 413);
  CHECK(sagemaker.calls == 0);
}

TEST_CASE("a head says service and protocol") {
  auto kind = [](const HttpHead& head, const char* claimed = "") { return RouteOf(head, claimed).service; };
  CHECK(kind({"POST", "/", {{"x-amz-target", "SageMaker.ListModels"}}}) == ServiceKind::kSageMaker);
  CHECK(kind({"GET", "/bucket/key?Action=x", {}}) == ServiceKind::kS3);
  CHECK(kind({"GET", "/", {}}, "s3") == ServiceKind::kS3);
  CHECK(kind({"PUT", "/bucket", {{"content-type", "application/x-www-form-urlencoded"}}}) == ServiceKind::kS3);
  CHECK(kind({"POST", "/", {}}) == ServiceKind::kUnknown);
  CHECK(RouteOf({"POST", "/x/service/GraniteServiceVersion20100801/operation/ListMetrics", {{"smithy-protocol", "rpc-v2-cbor"}}}, "")
            .operation == "ListMetrics");
  CHECK(kind({"POST", "/operation/x/service/", {{"smithy-protocol", "rpc-v2-cbor"}}}) == ServiceKind::kUnknown);
}

}  // namespace
}  // namespace smhost
