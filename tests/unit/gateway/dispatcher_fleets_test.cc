// Two fleets of one endpoint while traffic moves from one to the other.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>

#include "unit/gateway/dispatcher_fixture.h"

namespace smhost {
namespace {

using Kind = CallOutcome::Kind;
using Fixture = DispatcherFixture;

// Counts what each instance gets when every call is answered at once.
struct Counts : Fixture {
  std::map<std::string, int> got;
  std::string SubmitAndAnswer(const std::string& variant = {}) {
    auto call = Submit("b", variant);
    for (auto& [id, port] : ports) {
      if (port->sent.empty() || port->sent.back().second != call) continue;
      AnswerLast(id);
      ++got[id];
      return id;
    }
    return {};
  }
};

TEST_CASE_METHOD(Counts, "calls that name no variant go by weight over both fleets, exactly") {
  Route({Of("blue", {"a"}, 0.9, 0.9), Of("green", {"b"}, 0.1, 0.1)}, "Updating");
  Ready("a");
  Ready("b");
  for (int n = 1; n <= 500; ++n) {
    SubmitAndAnswer();
    REQUIRE(std::abs(got["a"] - 0.9 * n) <= 1);
    REQUIRE(std::abs(got["b"] - 0.1 * n) <= 1);
  }
}

TEST_CASE_METHOD(Counts, "calls that name a variant go by share among its fleets, exactly, whatever its weight") {
  auto other = Variant("w", {"c"}, 5);
  Route({Of("blue", {"a"}, 0, 0.7), Of("green", {"b"}, 0, 0.3), other});
  for (auto id : {"a", "b", "c"}) Ready(id);
  for (int n = 1; n <= 300; ++n) {
    SubmitAndAnswer("v");
    SubmitAndAnswer();
    REQUIRE(std::abs(got["a"] - 0.7 * n) <= 1);
    REQUIRE(std::abs(got["b"] - 0.3 * n) <= 1);
    REQUIRE(got["c"] == n);
  }
}

TEST_CASE_METHOD(Counts, "both splits go on where they were when routes come that change no weight") {
  for (int n = 1; n <= 200; ++n) {
    Route({Of("blue", {"a"}, 3, 3), Of("green", {"b"}, 1, 1)});
    Ready("a");
    Ready("b");
    SubmitAndAnswer(n % 2 ? "v" : "");
  }
  CHECK(got == std::map<std::string, int>{{"a", 150}, {"b", 50}});
}

TEST_CASE_METHOD(Counts, "a named variant none of whose entries has a share is served by the first") {
  Route({Of("blue", {"a"}, 0, 0), Of("green", {"b"}, 0, 0)});
  Ready("a");
  Ready("b");
  CHECK(SubmitAndAnswer("v") == "a");
}

TEST_CASE_METHOD(Fixture, "while one fleet has no ready instance the other takes its calls") {
  Route({Of("blue", {"a"}, 1, 1), Of("green", {"b"}, 1, 1)});
  Ready("a");
  for (int i = 0; i < 2; ++i) Submit();
  CHECK(Sent("a") == 2);
  CHECK(Sent("b") == 0);
  Ready("b");
  for (int i = 0; i < 2; ++i) Submit();
  CHECK(Sent("b") >= 1);
}

TEST_CASE_METHOD(Fixture, "a fleet without a share takes no calls of another") {
  Route({Of("blue", {"a"}, 0, 0), Of("green", {"b"}, 1, 1)});
  Ready("a");
  auto call = Submit();
  CHECK(Sent("a") == 0);
  CHECK(dispatcher.waiting() == 1);
  Ready("b");
  CHECK(Sent("b") == 1);
}

TEST_CASE_METHOD(Fixture, "calls that wait go over to a fleet whose instance gets ready, in their order") {
  Route({Of("blue", {}, 1, 1), Of("green", {"b"}, 0, 1)});
  auto first = Submit(), second = Submit("2", "v");
  Ready("b");
  REQUIRE(Sent("b") == 2);
  CHECK(dispatcher.waiting() == 0);
  CHECK(AnswerLast("b"));
  CHECK(second->outcome->variant == "v");
}

TEST_CASE_METHOD(Fixture, "calls that wait behind a fleet's last instance go over when it is lost") {
  Route({Of("blue", {"a"}, 1, 1), Of("green", {"b"}, 0, 1)});
  Ready("a");
  Ready("b");
  for (int i = 0; i < 3; ++i) Submit();
  CHECK(dispatcher.waiting() == 1);
  Lose("a");
  CHECK(dispatcher.waiting() + Sent("b") == 3);
  while (!Owed("b").empty()) AnswerLast("b");
  CHECK(Sent("b") == 3);
}

TEST_CASE_METHOD(Fixture, "calls that wait for a fleet that goes away find the other") {
  Route({Of("blue", {}, 1, 1)});
  auto call = Submit(), bound = Submit("b", "v");
  Route({Of("green", {"b"}, 1, 1)});
  Ready("b");
  CHECK(Sent("b") == 2);
}

TEST_CASE_METHOD(Fixture, "what was counted of a variant does not go with its fleet") {
  auto counted = [&] {
    std::map<const VariantMetrics*, int> seen;
    dispatcher.ForEachVariant([&](const Dispatcher::VariantView& view) { ++seen[&view.metrics]; });
    return seen;
  };
  Route({Of("blue", {"a"}, 1, 1)});
  auto before = counted();
  Route({Of("blue", {"a"}, 1, 1), Of("green", {"b"}, 1, 1)});
  CHECK(counted() == std::map<const VariantMetrics*, int>{{before.begin()->first, 2}});
  Route({Of("green", {"b"}, 1, 1)});
  CHECK(counted() == before);
}

TEST_CASE_METHOD(Fixture, "a shadow answers no caller, by weight or by name") {
  auto shadow = Variant("s", {"c"}, 9);
  shadow.shadow = true;
  Route({Variant("v", {"a"}), shadow});
  Ready("a");
  Ready("c");
  for (int i = 0; i < 4; ++i) Submit();
  CHECK(Sent("c") == 0);
  CHECK(Submit("b", "s")->outcome->kind == Kind::kNoVariant);
}

}  // namespace
}  // namespace smhost
