// Copies for shadow variants: a sample, exact, that no caller waits for or learns of.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "base/limits.h"
#include "telemetry/counter_snapshot.h"
#include "unit/gateway/dispatcher_fixture.h"

namespace smhost {
namespace {

using Kind = CallOutcome::Kind;

struct Shadowed : DispatcherFixture {
  Counters counters = Counters::InMemory();
  CounterSlots slots;
  double sampling = 1;

  void RouteBoth(std::vector<std::string> of_shadow = {"s"}) {
    auto shadow = Variant("shadow", of_shadow);
    shadow.shadow = true;
    shadow.sampling = sampling;
    for (auto name : {"v", "shadow"}) {
      CounterKey key{"000000000000", "e", name, ""};
      slots[key] = counters.Claim(key);
    }
    table.endpoints = {{"000000000000", "e", "InService", false, {Variant("v", {"a"}), shadow}}};
    dispatcher.SetRoutes(table, slots);
    Ready("a");
    for (auto& id : of_shadow) Ready(id);
  }
  CounterSnapshot Counted(const std::string& variant = "shadow") { return Read(*slots.at({"000000000000", "e", variant, ""})); }
};

TEST_CASE_METHOD(Shadowed, "a shadow gets a copy after the call itself is on its way") {
  RouteBoth();
  auto call = Submit("body");
  CHECK(Owed("a").size() == 1);
  CHECK(Sent("s") == 0);
  RunLater();
  REQUIRE(Sent("s") == 1);
  CHECK(Last("s") != call);
  CHECK(Last("s")->body == "body");
}

TEST_CASE_METHOD(Shadowed, "the sample is exact") {
  sampling = 0.3;
  RouteBoth();
  for (int n = 1; n <= 200; ++n) {
    Submit();
    RunLater();
    AnswerLast("a");
    if (!Owed("s").empty()) AnswerLast("s");
    REQUIRE(std::abs(static_cast<double>(Sent("s")) - 0.3 * n) <= 1);
  }
}

TEST_CASE_METHOD(Shadowed, "the caller's answer waits for no shadow, and both are compared when the shadow has answered") {
  RouteBoth();
  auto call = Submit();
  RunLater();
  AnswerLast("a");
  CHECK(call->outcome->kind == Kind::kAnswered);
  CHECK(call->outcome->variant == "v");
  CHECK(compared.empty());
  auto failure = Response(ports["s"]->sent[0].first, "500", "oops");
  dispatcher.OnAnswer("s", failure);
  REQUIRE(compared.size() == 1);
  CHECK(compared[0]->caller.status == 200);
  CHECK(compared[0]->shadow.status == 500);
  CHECK(compared[0]->shadow.body == "oops");
  CHECK(Counted().invocations == 1);
  CHECK(Counted().errors_5xx == 1);
  CHECK(call->times == 1);
}

TEST_CASE_METHOD(Shadowed, "a shadow that is faster than the caller's variant is compared too") {
  RouteBoth();
  Submit();
  RunLater();
  AnswerLast("s");
  CHECK(compared.empty());
  AnswerLast("a");
  CHECK(compared.size() == 1);
}

TEST_CASE_METHOD(Shadowed, "a shadow that dies loses its copies alone, once, and is no death of the caller's") {
  RouteBoth();
  auto call = Submit();
  RunLater();
  Lose("s");
  CHECK(call->times == 0);
  Ready("s");
  CHECK(Owed("s").empty());
  CHECK(Counted().shadow_dropped == 1);
  CHECK(Counted().invocations == 1);
  AnswerLast("a");
  CHECK(call->outcome->kind == Kind::kAnswered);
  CHECK(compared.empty());
  CHECK(poison.empty());
}

TEST_CASE_METHOD(Shadowed, "copies that wait are few; more are dropped and counted") {
  RouteBoth({});
  for (std::size_t i = 0; i < limits::kShadowQueue + 5; ++i) {
    auto call = Submit();
    AnswerLast("a");
    RunLater();
    CHECK(call->outcome->kind == Kind::kAnswered);
  }
  CHECK(dispatcher.waiting() == limits::kShadowQueue);
  CHECK(Counted().shadow_dropped == 5);
  CHECK(Counted().invocations == 0);
}

TEST_CASE_METHOD(Shadowed, "a copy has the time that its call had, and ends then") {
  RouteBoth();
  Submit();
  RunLater();
  AnswerLast("a");
  dispatcher.Expire(now + std::chrono::seconds(60));
  CHECK(dispatcher.outstanding() == 0);
  CHECK(Counted().shadow_dropped == 1);
}

TEST_CASE_METHOD(Shadowed, "copies that wait for a shadow that goes away go to nobody else") {
  RouteBoth({});
  Submit();
  AnswerLast("a");
  RunLater();
  CHECK(dispatcher.waiting() == 1);
  Route({Variant("v", {"a"})});
  CHECK(dispatcher.waiting() == 0);
  CHECK(Owed("a").empty());
}

TEST_CASE_METHOD(Shadowed, "a call that has to find another variant is copied once") {
  RouteBoth();
  table.endpoints[0].variants[0].instances.clear();
  dispatcher.SetRoutes(table, slots);
  Submit();
  RunLater();
  table.endpoints[0].variants[0].name = "w";
  dispatcher.SetRoutes(table, slots);
  RunLater();
  CHECK(Sent("s") == 1);
}

TEST_CASE_METHOD(Shadowed, "a shadow of another fleet gets no copy") {
  RouteBoth();
  table.endpoints[0].variants[1].fleet = "green";
  dispatcher.SetRoutes(table, slots);
  Submit();
  CHECK(later.empty());
}

TEST_CASE("what is compared: status, shape and numbers; large answers by status alone") {
  ShadowPair pair;
  pair.caller = {true, 200, true, "application/json", "[1, 2]"};
  pair.shadow = {true, 200, true, "application/json", "[1, 2.5]"};
  auto seen = Compared(pair);
  CHECK(seen.status_matches);
  CHECK(seen.shape_matches);
  CHECK(seen.largest_difference == 0.5);
  CHECK(seen.mean_difference == 0.25);
  pair.shadow.body = "[1, 2, 3]";
  CHECK_FALSE(Compared(pair).shape_matches);
  pair.shadow.whole = false;
  CHECK(Compared(pair).shape_matches);
  pair.shadow.status = 500;
  CHECK_FALSE(Compared(pair).status_matches);

  Frame large;
  large.body = std::string(limits::kShadowComparedBytes + 1, 'x');
  CHECK_FALSE(PairedAnswer::Of(large).whole);
  CHECK(PairedAnswer::Of(large).body.empty());
}

}  // namespace
}  // namespace smhost
