#include <catch2/catch.hpp>
#include <string>

#include "unit/gateway/dispatcher_fixture.h"

namespace smhost {
namespace {

using Kind = CallOutcome::Kind;

struct Fixture : DispatcherFixture {
  std::shared_ptr<TestCall> SubmitStream(std::size_t window = 10) {
    auto call = std::make_shared<TestCall>();
    call->account = "000000000000";
    call->endpoint = "e";
    call->body = "b";
    call->window = window;
    call->arrived = now;
    call->deadline = now + std::chrono::seconds(60);
    dispatcher.Submit(call);
    return call;
  }
  bool Part(const std::string& id, const std::string& body, std::uint64_t number = 0) {
    Frame frame = Response(number != 0 ? number : ports[id]->sent.back().first, "200", body);
    frame.Set(frame_key::kMore, "1");
    return dispatcher.OnAnswer(id, frame);
  }
};

TEST_CASE_METHOD(Fixture, "parts come one by one and the last ends the call") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = SubmitStream();
  CHECK(Part("a", "1"));
  CHECK(Part("a", "2"));
  CHECK(call->parts == std::vector<std::string>{"1", "2"});
  CHECK(call->times == 0);
  CHECK(dispatcher.outstanding() == 1);
  CHECK(AnswerLast("a"));
  CHECK(call->times == 1);
  CHECK(call->outcome->kind == Kind::kAnswered);
  CHECK(dispatcher.outstanding() == 0);
}

TEST_CASE_METHOD(Fixture, "parts for a call that asked for one answer are a breach") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  CHECK_FALSE(Part("a", "1"));
  CHECK(call->parts.empty());
}

TEST_CASE_METHOD(Fixture, "an instance that sends more than its window is in breach; a grant makes room") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = SubmitStream(10);
  CHECK(Part("a", std::string(9, 'x')));
  CHECK(Part("a", std::string(9, 'x')));  // it began while there was room
  dispatcher.Grant(call, 9);
  REQUIRE(ports["a"]->granted.size() == 1);
  CHECK(ports["a"]->granted[0] == std::pair<std::uint64_t, std::size_t>(ports["a"]->sent[0].first, 9));
  CHECK(Part("a", "x"));
  CHECK_FALSE(Part("a", "x"));
}

TEST_CASE_METHOD(Fixture, "once a part was given, a lost instance ends the call: it runs nowhere else") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  auto call = SubmitStream();
  const std::string first = ports["a"]->sent.empty() ? "b" : "a";
  CHECK(Part(first, "1"));
  Lose(first);
  REQUIRE(call->times == 1);
  CHECK(call->outcome->kind == Kind::kLost);
  CHECK(ports["a"]->sent.size() + ports["b"]->sent.size() == 0);
}

TEST_CASE_METHOD(Fixture, "before its first part a call whose instance is lost runs once more, with its whole window") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  auto call = SubmitStream(4);
  const std::string first = ports["a"]->sent.empty() ? "b" : "a", second = first == "a" ? "b" : "a";
  Lose(first);
  REQUIRE(Sent(second) == 1);
  CHECK(Part(second, "1234"));
  CHECK(call->parts == std::vector<std::string>{"1234"});
}

TEST_CASE_METHOD(Fixture, "a call that is cancelled in the middle gets no further part, and late ones are no breach") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = SubmitStream();
  call->on_part = [this](TestCall& self) { dispatcher.Cancel(self.shared_from_this()); };
  CHECK(Part("a", "1"));
  CHECK(ports["a"]->cancelled.size() == 1);
  CHECK(Part("a", "2"));
  CHECK(Part("a", "3"));
  CHECK(AnswerLast("a"));
  CHECK(call->parts == std::vector<std::string>{"1"});
  CHECK(call->times == 0);
}

TEST_CASE_METHOD(Fixture, "a stream that takes too long is timed out in the middle, and its instance is not taken for silent") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  auto call = SubmitStream();
  const std::string first = ports["a"]->sent.empty() ? "b" : "a";
  CHECK(Part(first, "1"));
  now += std::chrono::seconds(61);
  dispatcher.Expire(now);
  REQUIRE(call->times == 1);
  CHECK(call->outcome->kind == Kind::kTimedOut);
  Submit();
  Submit();
  CHECK(Sent(first) == 2);
}

TEST_CASE_METHOD(Fixture, "a streamed call is not copied to shadows") {
  auto shadow = Variant("s", {"b"});
  shadow.shadow = true;
  shadow.sampling = 1;
  shadow.weight = 0;
  Route({Variant("v", {"a"}), shadow});
  Ready("a");
  Ready("b");
  SubmitStream();
  RunLater();
  CHECK(Sent("b") == 0);
  Submit();
  RunLater();
  CHECK(Sent("b") == 1);
}

}  // namespace
}  // namespace smhost
