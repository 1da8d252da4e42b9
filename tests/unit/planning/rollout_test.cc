#include "planning/rollout.h"

#include <catch2/catch.hpp>
#include <numeric>

using namespace smhost;
using PolicyKind = DeploymentPolicy::Kind;

namespace {

Fleet FleetOf(const std::string& id, int count, const std::string& variant = "A", double weight = 1) {
  VariantSpec v;
  v.name = variant;
  v.count = count;
  v.weight = weight;
  return {id, "r-" + id, "c-" + id, {v}};
}

DeploymentPolicy Policy(PolicyKind kind, CapacitySize size = {}) {
  DeploymentPolicy policy;
  policy.kind = kind;
  policy.size = size;
  return policy;
}

Journal Moving(int blue, int green, const DeploymentPolicy& policy, int step) {
  Journal journal;
  journal.serving = FleetOf("blue", blue);
  journal.coming = FleetOf("green", green);
  journal.rollout = Rollout{};
  journal.rollout->policy = policy;
  journal.rollout->step = step;
  return journal;
}

Places At(const Journal& journal, const char* fleet, MonotonicTime now = {}) {
  const Fleet& which = journal.serving->id == fleet ? *journal.serving : *journal.coming;
  return PlacesOf(journal, which, which.variants[0], now);
}

}  // namespace

TEST_CASE("each policy moves traffic in its own steps, and the last one moves all of it") {
  Fleet green = FleetOf("g", 10);
  CHECK(ShiftSteps(Policy(PolicyKind::kAllAtOnce), green) == std::vector<double>{1});
  CHECK(ShiftSteps(Policy(PolicyKind::kCanary, {true, 10}), green) == std::vector<double>{0.1, 1});
  CHECK(ShiftSteps(Policy(PolicyKind::kCanary, {false, 2}), green) == std::vector<double>{0.2, 1});
  CHECK(ShiftSteps(Policy(PolicyKind::kLinear, {true, 50}), green) == std::vector<double>{0.5, 1});
  CHECK(ShiftSteps(Policy(PolicyKind::kLinear, {true, 10}), green).size() == 10);
  auto thirds = ShiftSteps(Policy(PolicyKind::kLinear, {true, 30}), green);
  REQUIRE(thirds.size() == 4);
  CHECK(thirds[2] == Approx(0.9));
  CHECK(ShiftSteps(Policy(PolicyKind::kRolling, {true, 25}), green).size() == 4);  // batches of 3
  CHECK(ShiftSteps(Policy(PolicyKind::kRolling, {false, 5}), green) == std::vector<double>{0.5, 1});
  CHECK(ShiftSteps(Policy(PolicyKind::kRolling, {true, 5}), FleetOf("g", 1)) == std::vector<double>{1});
}

TEST_CASE("a size in instances above half of the variant is a problem with a name, and one in percent is none") {
  CHECK(PolicyProblem(Policy(PolicyKind::kCanary, {false, 2}), FleetOf("g", 4)).empty());
  CHECK(PolicyProblem(Policy(PolicyKind::kCanary, {false, 3}), FleetOf("g", 4)).find("CanarySize") != std::string::npos);
  CHECK(PolicyProblem(Policy(PolicyKind::kLinear, {false, 1}), FleetOf("g", 1)).find("CAPACITY_PERCENT") != std::string::npos);
  CHECK(PolicyProblem(Policy(PolicyKind::kCanary, {true, 50}), FleetOf("g", 1)).empty());
  CHECK(PolicyProblem(Policy(PolicyKind::kRolling, {false, 1}), FleetOf("g", 1)).empty());
}

TEST_CASE("blue/green keeps both fleets whole while traffic moves") {
  for (int step : {0, 1, 2}) {
    Journal journal = Moving(3, 4, Policy(PolicyKind::kCanary, {true, 10}), step);
    CHECK(At(journal, "blue").wanted == 3);
    CHECK(At(journal, "blue").routed == 3);
    CHECK(At(journal, "green").wanted == 4);
  }
}

TEST_CASE("a rolling update never has fewer places in the routes than blue had, and keeps a batch warm while it bakes") {
  for (int count = 1; count <= 12; ++count) {
    for (int percent : {5, 10, 25, 33, 50}) {
      DeploymentPolicy policy = Policy(PolicyKind::kRolling, {true, percent});
      policy.wait = std::chrono::seconds(10);
      const int steps = static_cast<int>(ShiftSteps(policy, FleetOf("g", count)).size());
      for (int step = 1; step <= steps; ++step) {
        Journal journal = Moving(count, count, policy, step);
        CHECK(At(journal, "blue").routed + At(journal, "green").routed >= count);
        // Before the step has baked, blue could take all traffic of the step before back at once.
        Journal before = Moving(count, count, policy, step - 1);
        CHECK(At(journal, "blue").wanted >= At(before, "blue").routed);
        CHECK(At(journal, "green").wanted == At(journal, "green").routed);
        journal.rollout->baking_since = MonotonicTime{};
        const MonotonicTime baked{std::chrono::seconds(10)};
        CHECK(At(journal, "green", baked).wanted >= At(journal, "green", baked).routed);
        if (step < steps) CHECK(At(journal, "blue", baked).wanted == At(journal, "blue", baked).routed);
      }
    }
  }
}

TEST_CASE("the traffic of both fleets together is all of it, at every step of every policy") {
  for (auto kind : {PolicyKind::kAllAtOnce, PolicyKind::kCanary, PolicyKind::kLinear, PolicyKind::kRolling}) {
    DeploymentPolicy policy = Policy(kind, {true, 20});
    const int steps = static_cast<int>(ShiftSteps(policy, FleetOf("g", 5)).size());
    for (int step = 1; step <= steps; ++step) {
      Journal journal = Moving(5, 5, policy, step);
      double weight = 0, share = 0;
      for (const auto& entry : TrafficOf(journal, {})) {
        weight += entry.weight;
        share += entry.share;
        if (entry.weight > 0) CHECK(entry.routed > 0);
      }
      CHECK(weight == Approx(1));
      CHECK(share == Approx(1));
    }
  }
}

TEST_CASE("before its first step a coming fleet gets nothing, and at the last one blue keeps its entries without weight") {
  Journal journal = Moving(1, 1, Policy(PolicyKind::kAllAtOnce), 0);
  auto entries = TrafficOf(journal, {});
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].fleet->id == "blue");
  journal.rollout->step = 1;
  entries = TrafficOf(journal, {});
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].weight == 0);
  CHECK(entries[0].share == 0);
  CHECK(entries[1].weight == 1);
}

TEST_CASE("weights of several variants are kept within each fleet's part") {
  Journal journal = Moving(1, 1, Policy(PolicyKind::kCanary, {true, 25}), 1);
  journal.serving->variants = {FleetOf("", 1, "A", 3).variants[0], FleetOf("", 1, "B", 1).variants[0]};
  journal.coming->variants = {FleetOf("", 1, "A", 1).variants[0], FleetOf("", 1, "C", 1).variants[0]};
  auto entries = TrafficOf(journal, {});
  REQUIRE(entries.size() == 4);
  CHECK(entries[0].weight == Approx(0.75 * 0.75));
  CHECK(entries[1].weight == Approx(0.75 * 0.25));
  CHECK(entries[2].weight == Approx(0.25 * 0.5));
  CHECK(entries[3].weight == Approx(0.25 * 0.5));
}

TEST_CASE("a shadow variant gets its part of its own fleet's requests and none of the callers'") {
  Journal journal;
  journal.serving = FleetOf("f", 1, "A", 2);
  VariantSpec shadow = FleetOf("f", 1, "S", 0.5).variants[0];
  shadow.shadow = true;
  journal.serving->variants.push_back(shadow);
  auto entries = TrafficOf(journal, {});
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].weight == 0);
  CHECK(entries[1].sampling == Approx(0.25));
  journal.serving->variants[1].weight = 7;
  CHECK(TrafficOf(journal, {})[1].sampling == 1);
}

TEST_CASE("a variant without instances gets no requests by weight") {
  Journal journal;
  journal.serving = FleetOf("f", 0);
  CHECK(TrafficOf(journal, {})[0].weight == 0);
}

TEST_CASE("a rolling update returns by batches of its rollback size, at least one") {
  DeploymentPolicy policy = Policy(PolicyKind::kRolling, {true, 10});
  policy.rollback_size = {true, 30};
  Journal journal = Moving(10, 10, policy, 8);
  journal.rollout->way = Rollout::Way::kBack;
  CHECK(StepBack(journal) == 5);
  CHECK(At(journal, "blue").routed == 2);
  CHECK(At(journal, "blue").wanted == 5);  // filled before the traffic follows
  CHECK(At(journal, "green").wanted == 8);
  journal.rollout->step = 2;
  CHECK(StepBack(journal) == 0);
  journal.rollout->policy.rollback_size = {true, 1};
  CHECK(StepBack(journal) == 1);
}
