// Calls whose instance is lost: once more, alone; the second instance that they take with them is the last.
#include <catch2/catch.hpp>
#include <string>

#include "base/limits.h"
#include "unit/gateway/dispatcher_fixture.h"

namespace smhost {
namespace {

using Kind = CallOutcome::Kind;
using Fixture = DispatcherFixture;

TEST_CASE_METHOD(Fixture, "a call whose instance is lost is held until the next one is ready, and answered by it") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  Lose("a");
  CHECK(call->times == 0);
  CHECK(dispatcher.waiting() == 1);
  Route({Variant("v", {"b"})});
  Ready("b");
  REQUIRE(Owed("b").size() == 1);
  AnswerLast("b");
  CHECK(call->outcome->kind == Kind::kAnswered);
}

TEST_CASE_METHOD(Fixture, "lost calls go before those that waited, one after the other") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto first = Submit("1"), second = Submit("2"), waited = Submit("3");
  Lose("a");
  Ready("a");
  for (auto& expected : {first, second}) {
    REQUIRE(Owed("a").size() == 1);
    CHECK(Last("a") == expected);
    AnswerLast("a");
  }
  CHECK(Last("a") == waited);
  Submit();
  CHECK(Owed("a").size() == 2);
}

TEST_CASE_METHOD(Fixture, "beside an instance that is apart for a suspect the others take all other calls") {
  Route({Variant("v", {"a", "b", "c"})});
  for (auto id : {"a", "b", "c"}) Ready(id);
  auto lost = Submit();
  Lose("a");
  auto& apart = Owed("b").empty() ? "c" : "b";
  std::string other = std::string(apart) == "b" ? "c" : "b";
  CHECK(Last(apart) == lost);
  Submit();
  Submit();
  CHECK(Owed(apart).size() == 1);
  CHECK(Owed(other).size() == 2);
  AnswerLast(apart);
  Submit();
  CHECK(Owed(apart).size() == 1);
}

TEST_CASE_METHOD(Fixture, "a suspect waits for an instance to owe nothing, which gets nothing else meanwhile") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  auto lost = Submit(), busy = Submit();
  Lose("a");
  CHECK(Owed("b").size() == 1);
  auto later = Submit();
  CHECK(Owed("b").size() == 1);
  AnswerLast("b");
  CHECK(busy->times == 1);
  REQUIRE(Owed("b").size() == 1);
  CHECK(Last("b") == lost);
  AnswerLast("b");
  CHECK(Last("b") == later);
}

TEST_CASE_METHOD(Fixture, "half of the instances at most are apart") {
  Route({Variant("v", {"a", "b", "c", "d", "e"})});
  for (auto id : {"a", "b", "c", "d", "e"}) Ready(id);
  std::vector<std::shared_ptr<TestCall>> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(Submit());
  Lose("a");
  Lose("b");
  for (auto id : {"c", "d", "e"})
    for (auto& [number, call] : std::vector(ports[id]->sent))
      if (deaths[call.get()] == 0) Answer(id, number);
  int apart = 0;
  for (auto id : {"c", "d", "e"}) apart += !Owed(id).empty();
  CHECK(apart == 1);
  CHECK(dispatcher.waiting() == 3);
}

TEST_CASE_METHOD(Fixture, "a call that takes two instances down is poison; those beside it at the first are not") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto poisonous = Submit("poison"), innocent = Submit("bystander");
  Lose("a");
  Ready("a");
  Lose("a");
  REQUIRE(poisonous->times == 1);
  CHECK(poisonous->outcome->kind == Kind::kPoison);
  CHECK(poisonous->outcome->variant == "v");
  REQUIRE(poison.size() == 1);
  CHECK(poison[0] == "v " + poisonous->outcome->request_digest);
  CHECK(innocent->times == 0);
  Ready("a");
  AnswerLast("a");
  CHECK(innocent->outcome->kind == Kind::kAnswered);
}

TEST_CASE_METHOD(Fixture, "of a poisonous call both instances are told that it took down, of one that was beside it none") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Submit("poison");
  auto innocent = Submit("bystander");
  Lose("a");
  CHECK(poisoned.empty());
  Ready("b");
  Lose("b");
  REQUIRE(poisoned.size() == 1);
  CHECK(poisoned[0] == std::vector<std::string>{"a", "b"});
  Ready("b");
  AnswerLast("b");
  CHECK(innocent->times == 1);
  CHECK(poisoned.size() == 1);
}

TEST_CASE_METHOD(Fixture, "no instance is told of where a call had but one try") {
  Route({WithoutReplay(Variant("v", {"a"}))});
  Ready("a");
  auto call = Submit();
  Lose("a");
  CHECK(call->outcome->kind == Kind::kLost);
  CHECK(poisoned.empty());
}

struct Poisoned : Fixture {
  Poisoned() {
    Route({Variant("v", {"a"})});
    for (int i = 0; i < 2; ++i) {
      Ready("a");
      if (i == 0) Submit("poison");
      Lose("a");
    }
    Ready("a");
  }
};

TEST_CASE_METHOD(Poisoned, "a request like a poisonous one is refused for a time; others pass") {
  auto again = Submit("poison"), other = Submit("water");
  REQUIRE(again->times == 1);
  CHECK(again->outcome->kind == Kind::kPoisonAgain);
  CHECK(again->outcome->request_digest.size() == 64);
  CHECK(other->times == 0);
  now += limits::kPoisonRemembered - std::chrono::seconds(1);
  CHECK(Submit("poison")->times == 1);
  now += std::chrono::seconds(1);
  CHECK(Submit("poison")->times == 0);
  CHECK(poison_list.Empty());
}

TEST_CASE_METHOD(Poisoned, "an update gives a poisonous request another try") {
  auto repaired = Variant("v", {"b"});
  repaired.fleet = "green";
  Route({repaired});
  Ready("b");
  CHECK(Submit("poison")->times == 0);
  CHECK(Sent("b") == 1);
}

TEST_CASE_METHOD(Poisoned, "another loop of the gateway refuses it too") {
  Dispatcher second(*this, {4, 1000, 2}, poison_list);
  second.SetRoutes(table);
  auto call = std::make_shared<TestCall>();
  call->account = "000000000000";
  call->endpoint = "e";
  call->body = "poison";
  call->deadline = now + std::chrono::seconds(60);
  second.Submit(call);
  CHECK(call->outcome->kind == Kind::kPoisonAgain);
}

TEST_CASE("the list of poisonous requests is bounded; the oldest goes") {
  PoisonList list;
  MonotonicTime now{std::chrono::seconds(1)};
  for (std::size_t i = 0; i <= limits::kPoisonedRequests; ++i) list.Add(std::to_string(i), now);
  CHECK_FALSE(list.Holds("0", now));
  CHECK(list.Holds("1", now));
}

TEST_CASE("what makes two requests the same one: endpoint, variant, fleet, content type and body") {
  DispatcherFixture::Variant("v", {});
  TestCall call;
  call.account = "000000000000";
  call.endpoint = "e";
  call.content_type = "ab";
  call.body = "c";
  auto digest = RequestDigest(call, "v", "f");
  CHECK(RequestDigest(call, "v", "f") == digest);
  CHECK(RequestDigest(call, "w", "f") != digest);
  CHECK(RequestDigest(call, "v", "g") != digest);
  call.content_type = "a";
  call.body = "bc";
  CHECK(RequestDigest(call, "v", "f") != digest);
}

TEST_CASE_METHOD(Fixture, "a held call ends at its deadline") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  Lose("a");
  dispatcher.Expire(now + std::chrono::seconds(59));
  CHECK(call->times == 0);
  dispatcher.Expire(now + std::chrono::seconds(60));
  CHECK(call->outcome->kind == Kind::kTimedOut);
  Ready("a");
  CHECK(Owed("a").empty());
}

TEST_CASE_METHOD(Fixture, "a call whose deadline has come when its instance is lost is not run again") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  now += std::chrono::seconds(60);
  Lose("a");
  CHECK(call->outcome->kind == Kind::kTimedOut);
}

TEST_CASE_METHOD(Fixture, "cancelled and timed out calls are not run again") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto cancelled = Submit(), late = Submit();
  late->deadline = now;
  dispatcher.Cancel(cancelled);
  dispatcher.Expire(now);
  Lose("a");
  Ready("a");
  CHECK(Sent("a") == 0);
  CHECK(late->times == 1);
}

TEST_CASE_METHOD(Fixture, "a cancelled suspect frees the instance that was apart for it") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto lost = Submit();
  Lose("a");
  Ready("a");
  auto waits = Submit();
  CHECK(waits->times == 0);
  CHECK(Owed("a").size() == 1);
  dispatcher.Cancel(lost);
  CHECK(Last("a") == waits);
}

TEST_CASE_METHOD(Fixture, "held calls keep their place in a full queue; their bytes are bounded") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto first = Submit(std::string(600, 'x')), second = Submit(std::string(600, 'y'));
  for (int i = 0; i < 4; ++i) Submit();
  Lose("a");
  CHECK(first->times == 0);
  CHECK(second->outcome->kind == Kind::kQueueFull);
  CHECK(dispatcher.waiting() == 5);
  CHECK(Submit()->outcome->kind == Kind::kQueueFull);
}

TEST_CASE_METHOD(Fixture, "a lost call whose variant went away is run by another") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  Route({Variant("w", {"b"})});
  Ready("b");
  Lose("a");
  CHECK(Last("b") == call);
  AnswerLast("b");
  CHECK(call->outcome->variant == "w");
}

TEST_CASE_METHOD(Fixture, "a lost call goes to the other fleet where its own has nobody left") {
  Route({Of("blue", {"a"}, 1, 1), Of("green", {"b"}, 0, 1)});
  Ready("a");
  Ready("b");
  auto call = Submit();
  Lose("a");
  REQUIRE(Owed("b").size() == 1);
  CHECK(Last("b") == call);
}

TEST_CASE_METHOD(Fixture, "an instance that moves to another variant while it is apart serves it") {
  Route({Variant("v", {"a"})});
  Ready("a");
  Submit();
  Lose("a");
  Ready("a");
  REQUIRE(Owed("a").size() == 1);
  Route({Variant("w", {"a"})});
  auto call = Submit();
  AnswerLast("a");
  CHECK(Last("a") == call);
}

TEST_CASE_METHOD(Fixture, "a suspect waits while one of another loop is at the instance") {
  int told = 0;
  rooms.OnFree([&] { ++told; });
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  Lose("a");
  REQUIRE(rooms.Enter("a"));
  Ready("a");
  Submit();
  CHECK(Owed("a").empty());
  rooms.Leave("a");
  CHECK(told == 1);
  dispatcher.RetrySuspects();
  REQUIRE(Owed("a").size() == 1);
  CHECK(Last("a") == call);
  CHECK_FALSE(rooms.Enter("a"));
  AnswerLast("a");
  CHECK(Owed("a").size() == 1);
  CHECK(rooms.Enter("a"));
}

TEST_CASE_METHOD(Fixture, "an instance that was lost with a suspect is kept from other loops until it comes back or goes") {
  Route({Variant("v", {"a"})});
  Ready("a");
  Submit();
  Lose("a");
  Ready("a");
  Lose("a");
  CHECK_FALSE(rooms.Enter("a"));
  SECTION("it comes back") { Ready("a"); }
  SECTION("it goes") { Route({Variant("v", {"b"})}); }
  CHECK(rooms.Enter("a"));
}

TEST_CASE_METHOD(Fixture, "replays and poison are counted") {
  Route({Variant("v", {"a"})});
  Ready("a");
  Submit("1");
  Submit("2");
  Lose("a");
  Ready("a");
  Lose("a");
  Submit("1");
  dispatcher.ForEachVariant([&](const Dispatcher::VariantView& view) {
    CHECK(view.metrics.replayed == 2);
    CHECK(view.metrics.poisoned == 2);
  });
}

}  // namespace
}  // namespace smhost
