#include "gateway/dispatcher.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "unit/gateway/dispatcher_fixture.h"
#include "gateway/invocation.h"

namespace smhost {
namespace {

using Kind = CallOutcome::Kind;
using Fixture = DispatcherFixture;

TEST_CASE_METHOD(Fixture, "a call goes to the instance and its answer comes back with where it was") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  REQUIRE(ports["a"]->sent.size() == 1);
  CHECK(dispatcher.outstanding() == 1);
  CHECK(Answer("a", ports["a"]->sent[0].first));
  REQUIRE(call->times == 1);
  CHECK(call->outcome->kind == Kind::kAnswered);
  CHECK(call->outcome->variant == "v");
  CHECK(call->outcome->digest == "digest-of-a");
  CHECK(dispatcher.outstanding() == 0);
}

TEST_CASE_METHOD(Fixture, "calls wait while no instance is ready and go in their order when one is") {
  Route({Variant("v", {})});
  auto first = Submit("1"), second = Submit("2");
  CHECK(dispatcher.waiting() == 2);
  Route({Variant("v", {"a"})});
  CHECK(ports["a"]->sent.empty());
  now += std::chrono::milliseconds(30);
  Ready("a");
  REQUIRE(ports["a"]->sent.size() == 2);
  CHECK(ports["a"]->sent[0].second == first);
  CHECK(ports["a"]->sent[1].second == second);
  Answer("a", ports["a"]->sent[0].first);
  CHECK(first->outcome->queued == std::chrono::milliseconds(30));
}

TEST_CASE_METHOD(Fixture, "the instance with the fewest outstanding gets the next call, and equals take turns") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  Submit();
  Submit();
  CHECK(ports["a"]->sent.size() == 1);
  CHECK(ports["b"]->sent.size() == 1);
  Answer("b", ports["b"]->sent[0].first);
  Submit();
  CHECK(ports["b"]->sent.size() == 2);
}

TEST_CASE_METHOD(Fixture, "no instance has more outstanding than allowed; the next answer sends the next call") {
  Route({Variant("v", {"a"})});
  Ready("a");
  for (int i = 0; i < 3; ++i) Submit();
  CHECK(ports["a"]->sent.size() == 2);
  CHECK(dispatcher.waiting() == 1);
  Answer("a", ports["a"]->sent[1].first);
  CHECK(ports["a"]->sent.size() == 3);
}

TEST_CASE_METHOD(Fixture, "a full queue refuses by count") {
  Route({Variant("v", {})});
  std::vector<std::shared_ptr<TestCall>> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(Submit());
  CHECK(calls[3]->times == 0);
  REQUIRE(calls[4]->times == 1);
  CHECK(calls[4]->outcome->kind == Kind::kQueueFull);
  CHECK(dispatcher.waiting() == 4);
}

TEST_CASE_METHOD(Fixture, "a full queue refuses by bytes, exactly") {
  Route({Variant("v", {})});
  auto fits = Submit(std::string(1000, 'x'));
  auto over = Submit("x");
  CHECK(fits->times == 0);
  CHECK(over->outcome->kind == Kind::kQueueFull);
  dispatcher.Cancel(fits);
  CHECK(Submit("x")->times == 0);
}

TEST_CASE_METHOD(Fixture, "a queue of no length still lets through what need not wait") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto large = Submit(std::string(2000, 'x'));
  CHECK(large->times == 0);
  CHECK(ports["a"]->sent.size() == 1);
}

TEST_CASE_METHOD(Fixture, "endpoints that are not there or do not serve are told apart from those that do") {
  CHECK(Submit("b", "", "other")->outcome->kind == Kind::kNoEndpoint);
  for (const char* status : {"Creating", "Failed", "Deleting", "OutOfService"}) {
    Route({Variant("v", {"a"})}, status);
    CHECK(Submit()->outcome->kind == Kind::kNoEndpoint);
  }
  for (const char* status : {"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"}) {
    Route({Variant("v", {"a"})}, status);
    auto call = Submit();
    CHECK(call->times == 0);
    dispatcher.Cancel(call);
  }
}

TEST_CASE_METHOD(Fixture, "a named variant is taken whatever its weight") {
  Route({Variant("v", {"a"}, 1), Variant("w", {"b"}, 0)});
  Ready("b");
  auto call = Submit("b", "w");
  CHECK(ports["b"]->sent.size() == 1);
  CHECK(Submit("b", "x")->outcome->kind == Kind::kNoVariant);
}

TEST_CASE_METHOD(Fixture, "without a weight above zero there is nowhere to go") {
  Route({Variant("v", {"a"}, 0)});
  CHECK(Submit()->outcome->kind == Kind::kNoTraffic);
}

TEST_CASE_METHOD(Fixture, "weights go on where they were when the routes change and they do not") {
  auto variants = [&] { return Variants{Variant("v", {}, 1), Variant("w", {}, 3)}; };
  Dispatcher roomy(*this, {100000, 100000, 2}, poison_list);
  table.endpoints = {{"000000000000", "e", "InService", false, variants()}};
  for (int i = 0; i < 400; ++i) {
    roomy.SetRoutes(table);
    auto call = std::make_shared<TestCall>();
    call->account = "000000000000";
    call->endpoint = "e";
    roomy.Submit(call);
  }
  std::map<std::string, std::size_t> waiting;
  roomy.ForEachVariant([&](const Dispatcher::VariantView& view) { waiting[view.variant] = view.waiting; });
  CHECK(waiting == std::map<std::string, std::size_t>{{"v", 100}, {"w", 300}});
}

TEST_CASE_METHOD(Fixture, "a lost instance loses what it owed and nothing else, where nothing may run twice") {
  Route({WithoutReplay(Variant("v", {"a", "b"}))});
  Ready("a");
  Ready("b");
  auto first = Submit(), second = Submit();
  dispatcher.OnLost("a");
  CHECK(first->outcome->kind == Kind::kLost);
  CHECK(second->times == 0);
  CHECK(lost == std::vector<std::string>{"a"});
  Submit();
  CHECK(ports["b"]->sent.size() == 2);
  auto waits = Submit();
  CHECK(waits->times == 0);
  Ready("a");
  CHECK(ports["a"]->sent.size() == 2);
}

TEST_CASE_METHOD(Fixture, "an answer that nobody waits for is a breach") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  auto id = ports["a"]->sent[0].first;
  CHECK_FALSE(Answer("a", id + 1));
  CHECK(Answer("a", id));
  CHECK_FALSE(Answer("a", id));
  CHECK(call->times == 1);
}

TEST_CASE_METHOD(Fixture, "a late answer to a cancelled call is dropped, once") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  auto id = ports["a"]->sent[0].first;
  dispatcher.Cancel(call);
  CHECK(ports["a"]->cancelled == std::vector<std::uint64_t>{id});
  CHECK(Answer("a", id));
  CHECK_FALSE(Answer("a", id));
  CHECK(call->times == 0);
}

TEST_CASE_METHOD(Fixture, "a cancelled call that waits takes no place any more") {
  Route({Variant("v", {})});
  auto call = Submit();
  dispatcher.Cancel(call);
  dispatcher.Cancel(call);
  CHECK(dispatcher.waiting() == 0);
  Route({Variant("v", {"a"})});
  Ready("a");
  CHECK(ports["a"]->sent.empty());
}

TEST_CASE_METHOD(Fixture, "deadlines end calls that wait and calls that are at instances") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto sent = Submit(), also = Submit(), waits = Submit();
  dispatcher.Expire(now + std::chrono::seconds(59));
  CHECK(sent->times == 0);
  dispatcher.Expire(now + std::chrono::seconds(60));
  for (auto& call : {sent, also, waits}) {
    REQUIRE(call->times == 1);
    CHECK(call->outcome->kind == Kind::kTimedOut);
  }
  CHECK(ports["a"]->sent.size() == 2);
  CHECK(ports["a"]->cancelled.size() == 2);
  CHECK(dispatcher.outstanding() == 0);
}

TEST_CASE_METHOD(Fixture, "an instance that let calls time out is the last choice until it answers again") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  Submit();
  Submit();
  Answer("b", ports["b"]->sent[0].first);
  auto late = ports["a"]->sent[0].first;
  dispatcher.Expire(now + std::chrono::seconds(60));
  Submit();
  Submit();
  CHECK(ports["b"]->sent.size() == 3);
  CHECK(ports["a"]->sent.size() == 1);
  Submit();
  CHECK(ports["a"]->sent.size() == 2);
  CHECK(Answer("a", late));
  CHECK(Answer("a", ports["a"]->sent[1].first));
  Submit();
  CHECK(ports["a"]->sent.size() == 3);
}

TEST_CASE_METHOD(Fixture, "an instance without routes is closed at once, or when it owes nothing more") {
  Route({Variant("v", {"a", "b"})});
  Ready("a");
  Ready("b");
  auto call = Submit();
  CHECK(Route({Variant("v", {"c"})}) == std::vector<std::string>{"a"});
  CHECK(ports["b"]->closed);
  CHECK_FALSE(ports["a"]->closed);
  CHECK(idle.empty());
  Answer("a", ports["a"]->sent[0].first);
  CHECK(call->outcome->kind == Kind::kAnswered);
  CHECK(idle == std::vector<std::string>{"a"});
  CHECK(ports["a"]->closed);
}

TEST_CASE_METHOD(Fixture, "an instance that leaves and is lost is idle") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  Route({Variant("v", {})});
  dispatcher.OnLost("a");
  CHECK(call->times == 0);
  CHECK(dispatcher.waiting() == 1);
  CHECK(idle == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(Fixture, "an instance whose last call is cancelled while it leaves is idle") {
  Route({Variant("v", {"a"})});
  Ready("a");
  auto call = Submit();
  Route({Variant("v", {})});
  dispatcher.Cancel(call);
  CHECK(idle == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(Fixture, "an instance that comes back before it was idle is kept") {
  Route({Variant("v", {"a"})});
  Ready("a");
  Submit();
  CHECK(Route({Variant("v", {})}).size() == 1);
  CHECK(Route({Variant("v", {"a"})}).empty());
  Answer("a", ports["a"]->sent[0].first);
  CHECK(idle.empty());
  CHECK_FALSE(ports["a"]->closed);
  Submit();
  CHECK(ports["a"]->sent.size() == 2);
}

TEST_CASE_METHOD(Fixture, "calls that wait for a variant that goes away find another one") {
  Route({Variant("v", {})});
  auto free = Submit(), bound = Submit("b", "v");
  Route({Variant("w", {"b"})});
  Ready("b");
  CHECK(free->times == 0);
  CHECK(ports["b"]->sent.size() == 1);
  CHECK(bound->outcome->kind == Kind::kNoVariant);
}

TEST_CASE_METHOD(Fixture, "calls that wait for an endpoint that is deleted are told") {
  Route({Variant("v", {})});
  auto call = Submit();
  Route({Variant("v", {})}, "Deleting");
  CHECK(call->outcome->kind == Kind::kNoEndpoint);
  Route({Variant("v", {})});
  auto other = Submit();
  table.endpoints.clear();
  dispatcher.SetRoutes(table);
  CHECK(other->outcome->kind == Kind::kNoEndpoint);
}

TEST_CASE_METHOD(Fixture, "stopping ends every call") {
  Route({Variant("v", {"a"})});
  Ready("a");
  std::vector<std::shared_ptr<TestCall>> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(Submit());
  dispatcher.Stop();
  for (auto& call : calls) {
    REQUIRE(call->times == 1);
    CHECK(call->outcome->kind == Kind::kStopping);
  }
  CHECK(Submit()->outcome->kind == Kind::kNoEndpoint);
}

// Whatever happens in whatever order: a call ends exactly once or is cancelled, what left is idle once at most.
TEST_CASE("random histories end every call exactly once, and who lost an instance is alone at the next, its last") {
  auto seed = GENERATE(range(1u, 120u));
  CAPTURE(seed);
  std::mt19937 random(seed);
  Fixture f;
  std::vector<std::shared_ptr<TestCall>> calls;
  std::vector<std::shared_ptr<TestCall>> cancelled;
  const std::vector<std::string> ids = {"a", "b", "c", "d"};
  auto any = [&](auto& list) -> auto& { return list[random() % list.size()]; };
  for (int step = 0; step < 300; ++step) {
    const std::string& id = any(ids);
    switch (random() % 9) {
      case 0: case 1: case 2:
        calls.push_back(f.Submit(std::string(random() % 300, 'x'), random() % 4 == 0 ? "v" : ""));
        break;
      case 3: {
        std::vector<std::string> v, w;
        for (const auto& one : ids) (random() % 3 == 0 ? v : w).push_back(one);
        if (random() % 2) w.clear();
        Fixture::Variants variants = {Fixture::Of(random() % 2 ? "blue" : "green", v, 1 + random() % 3, random() % 2)};
        if (random() % 2) variants.push_back(Fixture::Of(random() % 2 ? "blue" : "green", w, random() % 3, 1));
        if (random() % 2) variants.back().name = "w";
        variants.back().replay = random() % 4 != 0;
        f.Route(variants, random() % 8 == 0 ? "Deleting" : "InService");
        break;
      }
      case 4: case 5:
        if (f.ports.count(id) && !f.ports[id]->closed) f.Ready(id);
        break;
      case 6:
        if (f.ports.count(id) && !f.ports[id]->sent.empty()) f.Answer(id, any(f.ports[id]->sent).first);
        break;
      case 7:
        if (random() % 4 == 0 && f.ports.count(id) && !f.ports[id]->closed) {
          f.Lose(id);
        }
        break;
      case 8:
        if (!calls.empty() && random() % 3 == 0 && any(calls)->times == 0) {
          auto& call = any(calls);
          if (call->times == 0) cancelled.push_back(call);
          f.dispatcher.Cancel(call);
        }
        f.now += std::chrono::seconds(random() % 20);
        f.dispatcher.Expire(f.now);
        break;
    }
    for (const auto& one : ids) {
      if (!f.ports.count(one)) continue;
      auto owed = f.Owed(one);
      bool suspect = std::any_of(owed.begin(), owed.end(), [&](auto& call) { return f.deaths[call.get()] > 0; });
      if (suspect) REQUIRE(owed.size() == 1);
    }
  }
  f.dispatcher.Stop();
  CHECK(f.dispatcher.outstanding() == 0);
  CHECK(f.dispatcher.waiting() == 0);
  for (auto& call : calls) {
    bool was_cancelled = std::find(cancelled.begin(), cancelled.end(), call) != cancelled.end();
    CHECK(call->times == (was_cancelled ? 0 : 1));
    CHECK(f.deaths[call.get()] <= 2);
  }
}

}  // namespace
}  // namespace smhost
