#include "gateway/invocation.h"

#include <catch2/catch.hpp>

#include "base/json.h"
#include "base/limits.h"

namespace smhost {
namespace {

constexpr std::time_t kNow = 1'700'000'000;

struct PlainCall : Call {
  void Done(CallOutcome) override {}
};

PlainCall MakeCall() {
  PlainCall call;
  call.account = "000000000000";
  call.endpoint = "e";
  return call;
}

Json BodyOf(const HttpAnswer& response) { return *ParseJson(response.body, "body", 1 << 20); }
std::string HeaderOf(const HttpAnswer& response, std::string_view name) {
  for (const auto& [known, value] : response.headers)
    if (known == name) return value;
  return {};
}

HttpAnswer ReadRefused(HttpRequest request, std::string_view name = "e", std::string_view operation = kInvokeOperation) {
  PlainCall call = MakeCall();
  auto refusal = ReadInvocation(request, {name, operation}, kNow, call);
  REQUIRE(refusal);
  return *refusal;
}

CallOutcome Answered(const std::string& status, const std::string& body) {
  CallOutcome outcome;
  outcome.variant = "v";
  outcome.response.Set(frame_key::kStatus, status);
  outcome.response.Set(frame_key::kContentType, "application/json");
  outcome.response.body = body;
  return outcome;
}
HttpAnswer RespondTo(CallOutcome outcome) { return Respond(MakeCall(), outcome, "us-east-1"); }
HttpAnswer RespondTo(CallOutcome::Kind kind) {
  CallOutcome outcome;
  outcome.kind = kind;
  return RespondTo(std::move(outcome));
}

TEST_CASE("the path is what stands before the question mark, in either form of a target") {
  CHECK(PathOf("/a/b?c") == "/a/b");
  CHECK(PathOf("http://h:1/a?b") == "/a");
  CHECK(PathOf("http://h") == "/");
  CHECK(PathOf("http://h?x") == "/");
}

TEST_CASE("endpoint paths have a name and an operation") {
  auto path = MatchEndpointPath("/endpoints/my-e/invocations");
  REQUIRE(path);
  CHECK(path->name == "my-e");
  CHECK(path->operation == "invocations");
  for (const char* other : {"/endpoints/", "/endpoints/e", "/endpoints//invocations", "/endpoint/e/invocations", "/"})
    CHECK_FALSE(MatchEndpointPath(other));
}

TEST_CASE("an invocation carries what its headers say") {
  HttpRequest request;
  request.content_type = "text/csv";
  request.accept = "application/json";
  request.custom_attributes = "trace=1";
  request.target_variant = "v";
  request.inference_id = "id-1";
  request.body = "1,2";
  PlainCall call = MakeCall();
  REQUIRE_FALSE(ReadInvocation(request, {"my%2Dendpoint", kInvokeOperation}, kNow, call));
  CHECK(call.endpoint == "my-endpoint");
  CHECK(call.content_type == "text/csv");
  CHECK(call.accept == "application/json");
  CHECK(call.custom_attributes == "trace=1");
  CHECK(call.wanted_variant == "v");
  CHECK(call.body == "1,2");
}

TEST_CASE("names that no endpoint can have are refused before anything is looked up") {
  for (const char* name : {"a_b", "-a", "a-", "%2e%2e", "a%2Fb", "%", "%zz", "a%00"}) {
    CAPTURE(name);
    auto response = ReadRefused({}, name);
    CHECK(response.status == 400);
    CHECK(HeaderOf(response, "x-amzn-ErrorType") == "ValidationError");
    CHECK(StringOr(BodyOf(response), "Message").find("endpointName") != std::string::npos);
  }
  CHECK(ReadRefused({}, std::string(64, 'a')).status == 400);
}

TEST_CASE("headers for what no endpoint here has are refused in AWS's words") {
  HttpRequest request;
  request.target_model = "m.tar.gz";
  auto response = ReadRefused(request);
  CHECK(StringOr(BodyOf(response), "Message") == "Endpoint e is not a multi-model endpoint and does not support target model header.");
  CHECK(StringOr(BodyOf(response), "ErrorCode") == "TARGET_MODEL_HEADER_NOT_SUPPORTED");
  for (auto member : {&HttpRequest::inference_component, &HttpRequest::target_container,
                      &HttpRequest::enable_explanations}) {
    HttpRequest other;
    other.*member = "x";
    CHECK(ReadRefused(other).status == 400);
  }
}

TEST_CASE("texts that are passed on have limits, to the byte") {
  struct {
    std::string HttpRequest::*member;
    std::size_t most;
  } rows[] = {{&HttpRequest::custom_attributes, limits::kCustomAttributesBytes},
              {&HttpRequest::content_type, limits::kMediaTypeBytes},
              {&HttpRequest::accept, limits::kMediaTypeBytes},
              {&HttpRequest::stream_accept, limits::kMediaTypeBytes},
              {&HttpRequest::inference_id, 64}};
  for (auto& row : rows) {
    HttpRequest request;
    request.*row.member = std::string(row.most, 'x');
    PlainCall call = MakeCall();
    CHECK_FALSE(ReadInvocation(request, {"e", kInvokeOperation}, kNow, call));
    HttpRequest longer;
    longer.*row.member = std::string(row.most + 1, 'x');
    CHECK(ReadRefused(longer).status == 400);
  }
  HttpRequest latin;
  latin.custom_attributes = "caf\xe9";
  CHECK(ReadRefused(latin).status == 400);
}

TEST_CASE("an answer carries the model's body and where and how long it was") {
  CallOutcome outcome = Answered("200", "[1]");
  outcome.digest = "sha256:abc";
  outcome.queued = std::chrono::microseconds(250);
  outcome.response.Set(frame_key::kQueueUs, "750");
  outcome.response.Set(frame_key::kBatchUs, "12");
  outcome.response.Set(frame_key::kModelUs, "1500");
  outcome.response.Set(frame_key::kCustomAttributes, "a=b");
  auto response = RespondTo(std::move(outcome));
  CHECK(response.status == 200);
  CHECK(response.body == "[1]");
  CHECK(response.content_type == "application/json");
  CHECK(HeaderOf(response, "x-Amzn-Invoked-Production-Variant") == "v");
  CHECK(HeaderOf(response, "Server-Timing") == "queue;dur=1.000, batch;dur=0.012, model;dur=1.500");
  CHECK(HeaderOf(response, "X-Smhost-Model-Digest") == "sha256:abc");
  CHECK(HeaderOf(response, "X-Amzn-SageMaker-Custom-Attributes") == "a=b");
}

TEST_CASE("a model's error becomes AWS's ModelError") {
  auto response = RespondTo(Answered("400", "bad \"shape\""));
  CHECK(response.status == 424);
  CHECK(HeaderOf(response, "x-amzn-ErrorType") == "ModelError");
  Json body = BodyOf(response);
  CHECK(IntOr(body, "OriginalStatusCode") == 400);
  CHECK(StringOr(body, "OriginalMessage") == "bad \"shape\"");
  CHECK(StringOr(body, "ErrorCode") == "CLIENT_ERROR_FROM_MODEL");
  CHECK(StringOr(body, "LogStreamArn") == "arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/e");
  CHECK(StringOr(body, "Message") ==
        "Received client error (400) from primary with message \"bad \"shape\"\". See https://us-east-1.console.aws.amazon.com/"
        "cloudwatch/home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/e in account 000000000000 for more "
        "information.");
  CHECK(StringOr(BodyOf(RespondTo(Answered("500", "x"))), "ErrorCode") == "INTERNAL_FAILURE_FROM_MODEL");
}

TEST_CASE("a status that is none, or a redirect, is the model's server error") {
  for (const char* status : {"", "abc", "0", "99", "302", "700"})
    CHECK(IntOr(BodyOf(RespondTo(Answered(status, "x"))), "OriginalStatusCode") == 500);
}

TEST_CASE("a model's words that are long or no UTF-8 still make a JSON document") {
  auto response = RespondTo(Answered("500", std::string(limits::kModelMessageBytes - 1, 'x') + "\xc3\xa4\xff and more"));
  CHECK(StringOr(BodyOf(response), "OriginalMessage").size() < limits::kModelMessageBytes + 16);
}

TEST_CASE("an answer that no header or limit allows is a ModelError, never a broken response") {
  CallOutcome split = Answered("200", "x");
  split.response.meta[1].second = "text/plain\r\nX-Evil: 1";
  CHECK(RespondTo(std::move(split)).status == 424);
  CallOutcome attributes = Answered("200", "x");
  attributes.response.Set(frame_key::kCustomAttributes, "a\nb");
  CHECK(RespondTo(std::move(attributes)).status == 424);
  CHECK(RespondTo(Answered("200", std::string(limits::kModelOutputBytes + 1, 'x'))).status == 424);
  CHECK(RespondTo(Answered("200", std::string(limits::kModelOutputBytes, 'x'))).status == 200);
}

TEST_CASE("calls that no model answered have AWS's errors") {
  auto gone = RespondTo(CallOutcome::Kind::kNoEndpoint);
  CHECK(gone.status == 400);
  CHECK(BodyOf(gone) == Json({{"ErrorCode", "NO_SUCH_ENDPOINT"}, {"Message", "Endpoint e of account 000000000000 not found."}}));
  auto lost = RespondTo(CallOutcome::Kind::kLost);
  CHECK(lost.status == 424);
  CHECK(IntOr(BodyOf(lost), "OriginalStatusCode", -1) == 0);
  auto late = BodyOf(RespondTo(CallOutcome::Kind::kTimedOut));
  CHECK(IntOr(late, "OriginalStatusCode", -1) == 0);
  CHECK(StringOr(late, "OriginalMessage").rfind("Your invocation timed out while waiting for a response from container primary.", 0) == 0);
  CHECK(RespondTo(CallOutcome::Kind::kQueueFull).status == 503);
  CHECK(RespondTo(CallOutcome::Kind::kStopping).status == 503);
  CHECK(RespondTo(CallOutcome::Kind::kNoVariant).status == 400);
  CHECK(RespondTo(CallOutcome::Kind::kNoTraffic).status == 400);
}

TEST_CASE("an instance's times are taken as they are, within reason") {
  Frame frame;
  frame.Set(frame_key::kModelUs, "-5");
  frame.Set(frame_key::kBatchUs, "99999999999999999");
  frame.Set(frame_key::kQueueUs, "x");
  CHECK(InstanceTime(frame, frame_key::kModelUs) == Duration{});
  CHECK(InstanceTime(frame, frame_key::kBatchUs) <= std::chrono::hours(1));
  CHECK(InstanceTime(frame, frame_key::kQueueUs) == Duration{});
}

TEST_CASE("headers that name something are held to AWS's patterns before anything else is said about them") {
  HttpRequest request;
  request.target_container = "-x";
  CHECK(StringOr(BodyOf(ReadRefused(request)), "Message").find("'targetContainerHostname' failed to satisfy constraint") != std::string::npos);
  HttpRequest component;
  component.inference_component = "a_b";
  CHECK(StringOr(BodyOf(ReadRefused(component)), "Message").find("'inferenceComponentName' failed to satisfy constraint") != std::string::npos);
  HttpRequest model;
  model.target_model = std::string(1025, 'm');
  CHECK(StringOr(BodyOf(ReadRefused(model)), "Message").find("'targetModel' failed to satisfy constraint") != std::string::npos);
}

TEST_CASE("a streamed answer's type is asked for by a header of its own") {
  HttpRequest request;
  request.accept = "application/json";
  request.stream_accept = "text/csv";
  PlainCall call = MakeCall();
  REQUIRE_FALSE(ReadInvocation(request, {"e", kStreamOperation}, kNow, call));
  CHECK(call.accept == "text/csv");
}

TEST_CASE("asynchronous invocations are refused in AWS's words, of an endpoint that is there") {
  CHECK(StringOr(BodyOf(RefuseAsync(MakeCall(), true)), "Message") == "Endpoint e does not support this inference type.");
  CHECK(StringOr(BodyOf(RefuseAsync(MakeCall(), false)), "ErrorCode") == "NO_SUCH_ENDPOINT");
}

}  // namespace
}  // namespace smhost
