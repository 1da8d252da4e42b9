#include "planning/endpoint_plan.h"

#include <catch2/catch.hpp>
#include <random>

#include "fakes/planning_world.h"

using namespace smhost;
using Kind = Action::Kind;

TEST_CASE("a new endpoint goes from wish to published routes in the order of the design") {
  World world;
  world.Want("r1");
  std::vector<Kind> kinds;
  for (int i = 0; i < 100 && !world.InService(); ++i) {
    Action action = world.Step();
    if (action.kind != Kind::kNothing) kinds.push_back(action.kind);
    if (action.kind == Kind::kNothing) world.EverythingGoesWell();
  }
  CHECK(kinds == std::vector<Kind>{Kind::kBegin, Kind::kFetch, Kind::kPin, Kind::kStartTemplate, Kind::kStartInstance,
                                   Kind::kFinish, Kind::kMarkPublished});
  CHECK(world.Condition().status == "InService");
}

TEST_CASE("an endpoint is Creating until the gateway has taken its routes") {
  World world;
  world.Want("r1");
  while (!world.journal.serving) {
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  }
  world.gateway_taken = false;
  CHECK(world.Step().kind == Kind::kNothing);
  CHECK(world.Condition().status == "Creating");
  world.gateway_taken = true;
  CHECK(world.Step().kind == Kind::kMarkPublished);
  CHECK(world.Condition().status == "InService");
}

TEST_CASE("blue is not drained before the gateway took green's routes") {
  World world;
  world.Want("r1");
  world.Settle();
  std::string blue = world.instances.front().id;
  world.Want("r2");
  while (!(world.journal.serving && world.journal.serving->revision == "r2"))
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  world.gateway_taken = false;
  for (int i = 0; i < 20; ++i) {
    Action action = world.Step();
    CHECK_FALSE((action.instance == blue));
  }
  CHECK(world.StateOf(blue) == InstanceState::kReady);
  world.gateway_taken = true;
  world.Settle();
  CHECK_FALSE(world.Has(blue));
}

TEST_CASE("blue is not stopped while it owes answers, but not longer than the drain limit") {
  World world;
  world.Want("r1");
  world.Settle();
  std::string blue = world.instances.front().id;
  world.Want("r2");
  world.owing.insert(blue);
  for (int i = 0; i < 200; ++i)
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  CHECK(world.StateOf(blue) == InstanceState::kDraining);
  Action waiting = world.Step();
  REQUIRE(waiting.kind == Kind::kNothing);
  REQUIRE(waiting.look_again.has_value());
  world.now = *waiting.look_again;
  CHECK(world.Step().kind == Kind::kStopInstance);
}

TEST_CASE("an instance that ignores SIGTERM is killed after the grace") {
  World world;
  world.Want("r1");
  world.Settle();
  world.deaf = true;
  world.Unwant();
  for (int i = 0; i < 50; ++i)
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  REQUIRE(world.instances.size() == 1);
  CHECK(world.instances[0].state == InstanceState::kStopping);
  world.now += world.limits.stop_grace;
  CHECK(world.Step().kind == Kind::kKillInstance);
}

TEST_CASE("a failed first deployment ends Failed with the reason and leaves nothing running") {
  World world;
  world.fetch_error = "no such file";
  world.Want("r1");
  world.Settle();
  CHECK(world.Condition().status == "Failed");
  CHECK(world.Condition().failure_reason.find("no such file") != std::string::npos);
  CHECK(world.instances.empty());
  CHECK(world.Step().kind == Kind::kNothing);
}

TEST_CASE("a failed update leaves blue serving and says why") {
  World world;
  world.Want("r1");
  world.Settle();
  std::string blue = world.instances.front().id;
  SECTION("the artifact cannot be fetched") { world.fetch_error = "403"; }
  SECTION("the model does not load") { world.template_error = "no torch file"; }
  SECTION("the warm-up fails") { world.instance_error = "wrong shape"; }
  SECTION("the document cannot be composed") { world.problem = "Could not find model"; }
  world.Want("r2");
  world.Settle();
  CHECK(world.Condition().status == "InService");
  CHECK_FALSE(world.Condition().failure_reason.empty());
  CHECK(world.StateOf(blue) == InstanceState::kReady);
  CHECK(world.journal.serving->revision == "r1");
  CHECK(world.instances.size() == 1);
}

TEST_CASE("an artifact is restored as it was, though its address holds another now") {
  World world;
  world.Want("r1");
  world.Settle();
  world.content = "+changed";
  SECTION("from its snapshot, without a fetch") {
    world.Want("r2");
    world.Settle();
    world.fetches.clear();
    world.Restore("r1", "sha256:file:///r1");
    world.Settle();
    CHECK(world.fetches.empty());
    CHECK(world.journal.serving->variants[0].digest == "sha256:file:///r1");
  }
  SECTION("of the revision that serves, with other bytes") {
    world.snapshots.insert("sha256:other");
    world.Restore("r1", "sha256:other");
    world.Settle();
    CHECK(world.journal.serving->variants[0].digest == "sha256:other");
    CHECK(world.Condition().status == "InService");
  }
  SECTION("or not at all: where the snapshot is gone, the changed one is not taken for it") {
    world.Want("r2");
    world.Settle();
    world.snapshots.erase("sha256:file:///r1");
    world.templates.clear();
    world.Restore("r1", "sha256:file:///r1");
    world.Settle();
    CHECK(world.journal.serving->revision == "r2");
    CHECK(world.Condition().failure_reason.find("changed since") != std::string::npos);
    // Whoever applies the documents themselves gets what is there now.
    world.Want("r1");
    world.Settle();
    CHECK(world.journal.serving->variants[0].digest == "sha256:file:///r1+changed");
  }
}

TEST_CASE("a wish to restore counts for one deployment, and for none where its artifacts serve already") {
  World world;
  world.Want("r1");
  world.Settle();
  world.Restore("r1", "sha256:file:///r1");
  const std::string restore = world.desired->restore;
  world.Settle();
  CHECK(world.journal.restored == restore);
  world.content = "+changed";
  SECTION("nor for the next one") {}
  SECTION("nor after documents that could not be composed, and so told of none") {
    world.problem = "Could not find endpoint configuration";
    world.Want("r2");
    world.Settle();
    world.problem.clear();
  }
  world.Want("r3");
  world.desired->restore = restore;
  world.desired->fleet.variants[0].digest = "sha256:file:///r1";
  world.Settle();
  CHECK(world.journal.serving->variants[0].digest == "sha256:file:///r3+changed");
}

TEST_CASE("a failed update is tried again when the endpoint is applied again") {
  World world;
  world.Want("r1");
  world.Settle();
  world.fetch_error = "403";
  world.Want("r2");
  world.Settle();
  world.fetch_error.clear();
  world.Settle();
  CHECK(world.journal.serving->revision == "r1");
  world.desired->endpoint_generation++;
  world.Settle();
  CHECK(world.journal.serving->revision == "r2");
  CHECK(world.Condition().failure_reason.empty());
}

TEST_CASE("going back to what serves after a failed update clears the failure") {
  World world;
  world.Want("r1");
  world.Settle();
  world.fetch_error = "403";
  world.Want("r2");
  world.Settle();
  REQUIRE_FALSE(world.Condition().failure_reason.empty());
  world.Want("r1");
  world.Settle();
  CHECK(world.Condition().status == "InService");
  CHECK(world.Condition().failure_reason.empty());
}

TEST_CASE("an instance that dies is replaced in its own place, from the template that stands") {
  World world;
  world.Want("r1");
  world.Settle();
  world.instances[0].state = InstanceState::kDead;
  CHECK(world.Step().kind == Kind::kForgetInstance);
  Action action = world.Step();
  CHECK(action.kind == Kind::kStartInstance);
  CHECK(action.index == 0);
}

TEST_CASE("a place whose instances die too often waits, then is given up and named") {
  World world;
  world.Want("r1");
  world.Settle();
  Slot slot{world.journal.serving->id, "A", 0};
  world.instances.clear();
  world.slots[slot].next_start = world.now + std::chrono::seconds(1);
  Action action = world.Step();
  CHECK(action.kind == Kind::kNothing);
  REQUIRE(action.look_again.has_value());
  CHECK(*action.look_again == world.now + std::chrono::seconds(1));
  world.slots[slot] = {std::nullopt, true, "killed by signal 11"};
  CHECK(world.Step().kind == Kind::kNothing);
  CHECK(world.Condition().status == "Failed");
  CHECK(world.Condition().failure_reason.find("signal 11") != std::string::npos);
}

TEST_CASE("an instance that is not ready in time fails the deployment") {
  World world;
  world.never_ready = true;
  world.Want("r1");
  for (int i = 0; i < 100; ++i)
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  Action action = world.Step();
  REQUIRE(action.look_again.has_value());
  world.now = *action.look_again;
  CHECK(world.Step().kind == Kind::kFail);
}

TEST_CASE("a new wish during a deployment abandons it without touching blue") {
  World world;
  world.Want("r1");
  world.Settle();
  world.Want("r2");
  while (world.Step().kind != Kind::kStartInstance) world.EverythingGoesWell();
  world.Want("r3");
  CHECK(world.Step().kind == Kind::kAbandon);
  CHECK(world.journal.serving->revision == "r1");
  world.Settle();
  CHECK(world.journal.serving->revision == "r3");
  CHECK(world.instances.size() == 1);
}

TEST_CASE("deleting an endpoint ends all of its instances and forgets it") {
  World world;
  world.Want("r1");
  world.Settle();
  world.Unwant();
  CHECK(world.Condition().status == "Deleting");
  world.Settle();
  CHECK(world.forgotten);
  CHECK(world.instances.empty());
}

TEST_CASE("random histories converge to the last wish and never leave an endpoint in service without a route") {
  auto seed = std::random_device{}();
  INFO("seed " << seed);
  for (unsigned history = 0; history < 2000; ++history) {
    World world;
    std::mt19937 random(seed + history);
    INFO("history " << history);
    RunHistory(world, random, 60);
    world.Calm();
    world.Settle();
    world.CheckConverged();
  }
}

// --- how traffic moves

namespace {

// Steps until the journal stands as told, everything going well meanwhile.
template <typename Reached>
void Until(World& world, Reached reached) {
  for (int i = 0; i < 400; ++i) {
    if (reached()) return;
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  }
  FAIL("it was not reached");
}

// The same, and each step before that one has baked meanwhile.
void UntilStep(World& world, int step) {
  Until(world, [&] {
    const auto& rollout = world.journal.rollout;
    if (rollout && rollout->step < step && rollout->baking_since) world.now += rollout->policy.wait;
    return rollout && rollout->step == step;
  });
}

World Updating(DeploymentPolicy policy, int count = 1) {
  World world;
  world.Want("r1", count);
  world.Settle();
  world.policy = std::move(policy);
  world.Want("r2", count);
  return world;
}

DeploymentPolicy Canary(int wait_s) {
  DeploymentPolicy policy;
  policy.kind = DeploymentPolicy::Kind::kCanary;
  policy.size = {true, 10};
  policy.wait = std::chrono::seconds(wait_s);
  return policy;
}

DeploymentPolicy Rolling(int percent, int wait_s) {
  DeploymentPolicy policy;
  policy.kind = DeploymentPolicy::Kind::kRolling;
  policy.size = {true, percent};
  policy.wait = std::chrono::seconds(wait_s);
  return policy;
}

}  // namespace

TEST_CASE("a canary gets its part, bakes once the gateway has taken it, then gets the rest, bakes again and serves") {
  World world = Updating(Canary(60));
  UntilStep(world, 1);
  world.gateway_taken = false;
  CHECK(world.Step().kind == Kind::kNothing);
  CHECK(StageOf(world.journal, world.now) == "Shifting");
  world.gateway_taken = true;
  CHECK(world.Step().kind == Kind::kBake);
  CHECK(StageOf(world.journal, world.now) == "Baking");
  Action waiting = world.Step();
  REQUIRE(waiting.kind == Kind::kNothing);
  REQUIRE(waiting.look_again == world.now + std::chrono::seconds(60));
  CHECK(world.Condition().status == "Updating");
  world.now += std::chrono::seconds(60);
  CHECK(world.Step().kind == Kind::kShift);
  CHECK(world.Step().kind == Kind::kBake);
  CHECK(world.Step().kind == Kind::kNothing);
  world.now += std::chrono::seconds(60);
  CHECK(world.Step().kind == Kind::kFinish);
  CHECK(world.journal.serving->revision == "r2");
}

TEST_CASE("an alarm before the new fleet has traffic says nothing; while it bakes, all traffic returns to blue's warm instances") {
  DeploymentPolicy policy = Canary(60);
  policy.alarms = {"high"};
  World world = Updating(policy);
  std::string blue = world.instances.front().id;
  world.alarming = {"high"};
  UntilStep(world, 1);
  CHECK(world.Step().kind == Kind::kFail);
  CHECK(world.Condition().status == "RollingBack");
  CHECK(world.StateOf(blue) == InstanceState::kReady);
  CHECK(world.Step().kind == Kind::kSettle);
  world.Settle();
  CHECK(world.Condition().status == "InService");
  CHECK(world.Condition().failure_reason.find("high") != std::string::npos);
  CHECK(world.journal.serving->revision == "r1");
  CHECK(world.instances.size() == 1);
}

TEST_CASE("an alarm that the deployment does not name changes nothing") {
  World world = Updating(Canary(0));
  world.alarming = {"another"};
  world.Settle();
  CHECK(world.journal.serving->revision == "r2");
}

TEST_CASE("a fleet is kept for the termination wait after the last shift, and then ends") {
  DeploymentPolicy policy;
  policy.termination_wait = std::chrono::seconds(100);
  World world = Updating(policy);
  std::string blue = world.instances.front().id;
  Until(world, [&] { return world.journal.serving->revision == "r2"; });
  CHECK(world.Condition().status == "InService");
  CHECK(StageOf(world.journal, world.now) == "Keeping");
  Action waiting = world.Step();
  CHECK(waiting.kind == Kind::kNothing);
  CHECK(world.StateOf(blue) == InstanceState::kReady);
  REQUIRE(waiting.look_again == world.now + std::chrono::seconds(100));
  world.now += std::chrono::seconds(100);
  CHECK(world.Step().instance == blue);
}

TEST_CASE("a deployment that takes longer than its maximum goes back") {
  DeploymentPolicy policy = Canary(3600);
  policy.longest = std::chrono::seconds(600);
  World world = Updating(policy);
  Until(world, [&] { return world.journal.rollout && world.journal.rollout->baking_since; });
  world.now += std::chrono::seconds(600);
  CHECK(world.Step().kind == Kind::kFail);
  CHECK(world.Condition().failure_reason.find("MaximumExecutionTimeoutInSeconds") != std::string::npos);
}

TEST_CASE("an abort at any step brings all traffic back, and the same documents are not tried again by themselves") {
  for (int step : {0, 1, 2}) {
    World world = Updating(Canary(60));
    UntilStep(world, step);
    world.desired->abort = world.journal.coming->id;
    world.Settle();
    CHECK(world.journal.serving->revision == "r1");
    CHECK(world.Condition().failure_reason == "The deployment was aborted.");
    CHECK(world.Step().kind == Kind::kNothing);
  }
}

TEST_CASE("a golden set is tried before the first traffic, and one that fails is a failed update with the difference") {
  World world;
  world.Want("r1");
  world.Settle();
  world.golden = "{}";
  SECTION("it passes") {
    world.Want("r2");
    Until(world, [&] { return !world.goldens.empty(); });
    CHECK(world.journal.rollout->step == 0);
    world.Settle();
    INFO(world.Condition().status << "/" << world.Condition().failure_reason << "/" << world.fetched_digest << "/" << world.fetches.size());
    CHECK(world.journal.serving->revision == "r2");
  }
  SECTION("it fails") {
    world.golden_error = "at $[0] expected 1, got 2";
    world.Want("r2");
    world.Settle();
    CHECK(world.journal.serving->revision == "r1");
    CHECK(world.Condition().failure_reason.find("expected 1, got 2") != std::string::npos);
  }
}

TEST_CASE("a rolling update replaces batch by batch, each baked before its old instances end") {
  World world = Updating(Rolling(25, 30), 4);
  Until(world, [&] { return world.journal.rollout && world.journal.rollout->baking_since; });
  CHECK(world.instances.size() == 5);
  CHECK(world.with_traffic.size() == 4);
  world.now += std::chrono::seconds(30);
  Until(world, [&] { return world.journal.rollout->step == 2; });
  CHECK(world.instances.size() <= 6);
  world.Settle();
  CHECK(world.journal.serving->revision == "r2");
  CHECK(world.instances.size() == 4);
}

TEST_CASE("a rolling update that an alarm turns back fills blue's places up before the traffic returns") {
  DeploymentPolicy policy = Rolling(25, 30);
  policy.alarms = {"high"};
  World world = Updating(policy, 4);
  UntilStep(world, 3);
  world.alarming = {"high"};
  CHECK(world.Step().kind == Kind::kTurnBack);
  CHECK(world.Condition().status == "RollingBack");
  world.Settle();
  CHECK(world.Condition().status == "InService");
  CHECK(world.Condition().failure_reason.find("high") != std::string::npos);
  CHECK(world.journal.serving->revision == "r1");
  CHECK(world.instances.size() == 4);
}

TEST_CASE("a rolling update that can go neither on nor back is UpdateRollbackFailed, and what serves goes on serving") {
  DeploymentPolicy policy = Rolling(25, 30);
  policy.alarms = {"high"};
  World world = Updating(policy, 4);
  UntilStep(world, 3);
  Until(world, [&] { return world.journal.rollout->baking_since.has_value(); });
  world.alarming = {"high"};
  world.instance_error = "no memory";
  for (int i = 0; i < 100; ++i)
    if (world.Step().kind == Kind::kNothing) world.EverythingGoesWell();
  CHECK(world.Condition().status == "UpdateRollbackFailed");
  CHECK(world.Condition().failure_reason.find("no memory") != std::string::npos);
  CHECK(world.with_traffic.size() >= 4);
  SECTION("another document begins a new deployment") {
    world.Calm();
    world.Want("r3", 4);
    world.Settle();
    world.CheckConverged();
  }
  SECTION("and when blue's instances come up after all, it is back") {
    world.instance_error.clear();
    world.slots.clear();
    world.Settle();
    CHECK(world.journal.serving->revision == "r1");
    CHECK(world.Condition().status == "InService");
  }
}

TEST_CASE("other weights and counts change the fleet where it stands") {
  World world;
  world.Want("r1", 2);
  world.Settle();
  const std::string fleet = world.journal.serving->id, kept = world.instances.front().id;
  world.Resize(4, 2);
  CHECK(world.Step().kind == Kind::kResize);
  CHECK(world.Condition().status == "Updating");
  world.Settle();
  CHECK(world.Condition().status == "InService");
  CHECK(world.journal.serving->id == fleet);
  CHECK(world.instances.size() == 4);
  world.Resize(1);
  world.Settle();
  CHECK(world.journal.serving->id == fleet);
  REQUIRE(world.instances.size() == 1);
  CHECK(world.instances.front().id == kept);
}

TEST_CASE("added instances that do not come up are taken back, and the endpoint serves as it did") {
  World world;
  world.Want("r1", 2);
  world.Settle();
  world.instance_error = "no memory";
  world.Resize(3);
  Until(world, [&] { return world.journal.failure.has_value(); });
  CHECK(world.Condition().status == "RollingBack");
  world.Settle();
  CHECK(world.Condition().status == "InService");
  CHECK(world.Condition().failure_reason.find("no memory") != std::string::npos);
  CHECK(world.journal.serving->variants[0].count == 2);
  CHECK(world.instances.size() == 2);
}
