#include "gateway/invocation_stream.h"

#include <catch2/catch.hpp>

#include "base/json.h"

namespace smhost {
namespace {

using Kind = CallOutcome::Kind;

StreamFault FaultOf(Kind kind) {
  CallOutcome outcome;
  outcome.kind = kind;
  auto fault = StreamFaultOf(outcome);
  REQUIRE(fault);
  return *fault;
}
Json BodyOf(const StreamFault& fault) { return *ParseJson(fault.body, "body", 1 << 20); }

TEST_CASE("the stream's content type is the event stream's, the model's has a header of its own") {
  HttpAnswer answer{200, "text/csv", {{"x-Amzn-Invoked-Production-Variant", "v"}}, "body"};
  StreamHead head = StreamAnswerHead(answer);
  CHECK(head.status == 200);
  CHECK_FALSE(head.length);
  using Headers = decltype(head.headers);
  CHECK(head.headers == Headers{{"Content-Type", "application/vnd.amazon.eventstream"},
                                {"X-Amzn-SageMaker-Content-Type", "text/csv"},
                                {"x-Amzn-Invoked-Production-Variant", "v"}});
}

TEST_CASE("how a stream broke is told in AWS's codes") {
  CHECK(FaultOf(Kind::kTimedOut).type == "ModelStreamError");
  CHECK(StringOr(BodyOf(FaultOf(Kind::kTimedOut)), "ErrorCode") == "ModelInvocationTimeExceeded");
  for (Kind kind : {Kind::kLost, Kind::kPoison}) {
    CHECK(FaultOf(kind).type == "ModelStreamError");
    CHECK(StringOr(BodyOf(FaultOf(kind)), "ErrorCode") == "StreamBroken");
  }
  CHECK(FaultOf(Kind::kStopping).type == "InternalStreamFailure");
  CHECK_FALSE(StringOr(BodyOf(FaultOf(Kind::kStopping)), "Message").empty());
}

TEST_CASE("a last part with an error's status is a fault with the model's text, one with 200 is none") {
  CallOutcome outcome;
  outcome.response.Set(frame_key::kStatus, "500");
  outcome.response.body = "no \"room\"";
  auto fault = StreamFaultOf(outcome);
  REQUIRE(fault);
  CHECK(StringOr(BodyOf(*fault), "ErrorCode") == "StreamBroken");
  CHECK(StringOr(BodyOf(*fault), "Message").find("no \"room\"") != std::string::npos);
  CallOutcome whole;
  whole.response.Set(frame_key::kStatus, "200");
  CHECK_FALSE(StreamFaultOf(whole));
}

}  // namespace
}  // namespace smhost
