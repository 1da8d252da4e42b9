#include "gateway/session.h"

#include <catch2/catch.hpp>

#include "base/json.h"
#include "base/limits_api.h"
#include "gateway/invocation.h"
#include "unit/gateway/dispatcher_fixture.h"

namespace smhost {
namespace {

constexpr std::time_t kNow = 1'700'000'000;
const std::string kInstance = "i-0123456789ab";

std::string Header(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [known, value] : answer.headers)
    if (known == name) return value;
  return {};
}

struct Read {
  TestCall call;
  std::string refusal;  // its message
};
std::unique_ptr<Read> ReadWith(const std::string& session) {
  auto read = std::make_unique<Read>();
  HttpRequest request;
  request.session_id = session;
  if (auto refused = ReadInvocation(request, {"e", kInvokeOperation}, kNow, read->call)) {
    CHECK(refused->status == 400);
    CHECK(Header(*refused, "x-amzn-ErrorType") == "ValidationError");
    read->refusal = StringOr(*ParseJson(refused->body, "body", 1 << 20), "Message");
  }
  return read;
}

TEST_CASE("an id says where its session is and when it ends, in AWS's alphabet") {
  std::string id = MakeSessionId({kInstance, kNow}, "0000-abcd");
  CHECK(IsSessionText(id));
  auto session = ParseSessionId(id);
  REQUIRE(session);
  CHECK(session->instance == kInstance);
  CHECK(session->expires == kNow);
}

TEST_CASE("what is no id of ours is not taken for one") {
  for (const char* text : {"", "i-", "i-0123456789ab", "i-0123456789ab-", "i-0123456789ab-1", "i-0123456789ab--x", "i-0123456789xy-1-x",
                           "j-0123456789ab-1-x", "i-0123456789ab-12345678901234-x", "i-0123456789abc-1-x", "NEW_SESSION"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseSessionId(text));
  }
}

TEST_CASE("the header's text is held to AWS's constraint") {
  for (const char* good : {"NEW_SESSION", "a", "a-b", "a--b", "0"}) CHECK(IsSessionText(good));
  for (const char* bad : {"", "-a", "a-", "a_b", "NEW_SESSIONS_", "a b", "a/b"}) CHECK_FALSE(IsSessionText(bad));
  CHECK(IsSessionText(std::string(256, 'a')));
  CHECK_FALSE(IsSessionText(std::string(257, 'a')));
}

TEST_CASE("a request's session leads to its instance until its time is over") {
  std::string id = MakeSessionId({kInstance, kNow + 1}, "x");
  auto read = ReadWith(id);
  CHECK(read->refusal.empty());
  CHECK(read->call.wanted_instance == kInstance);
  CHECK(read->call.session == id);
  CHECK(ReadWith("NEW_SESSION")->call.wanted_instance.empty());
  CHECK(ReadWith(MakeSessionId({kInstance, kNow}, "x"))->refusal.find("has expired") != std::string::npos);
  CHECK(ReadWith("made-up")->refusal.find("Session made-up of endpoint e does not exist") != std::string::npos);
  CHECK(ReadWith("a_b")->refusal.find("'sessionId' failed to satisfy constraint") != std::string::npos);
  CHECK(ReadWith(std::string(257, 'a'))->refusal.find("less than or equal to 256") != std::string::npos);
}

TEST_CASE("the answer to a session's first call carries its id and when it expires") {
  TestCall call;
  call.session = kNewSession;
  CallOutcome outcome;
  outcome.instance = kInstance;
  HttpAnswer answer;
  AddSession(call, outcome, kNow, "unique", answer);
  std::string value = Header(answer, "X-Amzn-SageMaker-New-Session-Id");
  CHECK(value == kInstance + "-6553f5b0-unique; Expires=2023-11-14T22:33:20Z");
  HttpAnswer failed{424};
  AddSession(call, outcome, kNow, "unique", failed);
  CHECK(failed.headers.empty());
}

TEST_CASE("a session that its instance has ended is told so") {
  TestCall call;
  call.session = "i-0123456789ab-1-x";
  CallOutcome outcome;
  HttpAnswer answer;
  AddSession(call, outcome, kNow, "unique", answer);
  CHECK(answer.headers.empty());
  outcome.response.Set(frame_key::kCloseSession, "1");
  AddSession(call, outcome, kNow, "unique", answer);
  CHECK(Header(answer, "X-Amzn-SageMaker-Closed-Session-Id") == call.session);
}

struct Fixture : DispatcherFixture {
  std::shared_ptr<TestCall> SubmitTo(const std::string& instance, const std::string& endpoint = "e", const std::string& variant = {}) {
    auto call = std::make_shared<TestCall>();
    call->account = "000000000000";
    call->endpoint = endpoint;
    call->wanted_instance = instance;
    call->wanted_variant = variant;
    call->body = "b";
    call->arrived = now;
    call->deadline = now + std::chrono::seconds(60);
    dispatcher.Submit(call);
    return call;
  }
  static CallOutcome::Kind KindOf(const std::shared_ptr<TestCall>& call) {
    REQUIRE(call->times == 1);
    return call->outcome->kind;
  }
};

TEST_CASE_METHOD(Fixture, "a session's calls go to its instance, however busy it is and whatever the weights say") {
  Route({Variant("v", {"a", "b"}), Variant("w", {"c"}, 0)});
  for (const char* id : {"a", "b", "c"}) Ready(id);
  SubmitTo("b");
  SubmitTo("b");
  CHECK(Sent("b") == 2);
  SubmitTo("c");
  CHECK(Sent("c") == 1);
  auto waits = SubmitTo("b");  // no more than two outstanding
  CHECK(Sent("b") == 2);
  Submit();
  CHECK(Sent("a") == 1);  // it keeps nobody else waiting
  AnswerLast("b");
  CHECK(Sent("b") == 3);
  AnswerLast("b");
  CHECK(waits->outcome->instance == "b");
}

TEST_CASE_METHOD(Fixture, "a session of another endpoint, variant or of no instance at all does not exist") {
  Route({Variant("v", {"a"})});
  table.endpoints.push_back({"000000000000", "other", "InService", false, {Variant("v", {"z"})}});
  dispatcher.SetRoutes(table);
  Ready("a");
  CHECK(KindOf(SubmitTo("x")) == CallOutcome::Kind::kNoSession);
  CHECK(KindOf(SubmitTo("a", "other")) == CallOutcome::Kind::kNoSession);
  CHECK(KindOf(SubmitTo("a", "e", "w")) == CallOutcome::Kind::kNoSession);
  CHECK(SubmitTo("a", "e", "v")->times == 0);
}

TEST_CASE_METHOD(Fixture, "a call waits for its session's instance to be reached, and ends when it is routed to no more") {
  Route({Variant("v", {"a", "b"})});
  Ready("b");
  auto first = SubmitTo("a");
  CHECK(Sent("b") == 0);
  Ready("a");
  CHECK(Sent("a") == 1);
  AnswerLast("a");
  CHECK(first->times == 1);
  SubmitTo("a");
  SubmitTo("a");
  auto third = SubmitTo("a");
  Route({Variant("v", {"b"})});
  CHECK(KindOf(third) == CallOutcome::Kind::kNoSession);
}

TEST_CASE_METHOD(Fixture, "a session's call whose instance is lost runs on no other") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  auto call = SubmitTo("a");
  Lose("a");
  CHECK(KindOf(call) == CallOutcome::Kind::kLost);
  CHECK(Sent("b") == 0);
}

TEST_CASE_METHOD(Fixture, "waiting calls of sessions are cancelled, timed out, counted and limited as others are") {
  Route({Variant("v", {"a"})});
  auto cancelled = SubmitTo("a"), late = SubmitTo("a");
  dispatcher.Cancel(cancelled);
  CHECK(dispatcher.waiting() == 1);
  now += std::chrono::seconds(61);
  dispatcher.Expire(now);
  CHECK(KindOf(late) == CallOutcome::Kind::kTimedOut);
  for (int i = 0; i < 4; ++i) SubmitTo("a");
  CHECK(KindOf(SubmitTo("a")) == CallOutcome::Kind::kQueueFull);
  dispatcher.Stop();
  CHECK(dispatcher.waiting() == 0);
}

}  // namespace
}  // namespace smhost
