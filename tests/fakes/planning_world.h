// A world of one endpoint for tests of endpoint_plan: executes actions at once or fails as told, lets processes die,
// the gateway fall behind and time pass. Checks the invariants at every step.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "planning/endpoint_condition.h"
#include "planning/endpoint_plan.h"
#include "planning/journal_step.h"
#include "planning/rollout.h"

namespace smhost {

struct World {
  std::optional<Desired> desired;
  Journal journal;
  std::vector<ObservedInstance> instances;
  std::map<std::string, ObservedTemplate> templates;
  std::map<std::string, ObservedFetch> fetches;
  std::map<std::string, ObservedGolden> goldens;
  std::set<std::string> alarming;
  DeploymentPolicy policy;
  std::string golden, golden_error, content;  // content: what artifacts hold now, part of their digests
  std::string fetched_digest;                 // that the newest fetch was to bring; empty: any
  std::map<Slot, SlotHistory> slots;
  std::set<std::string> snapshots, owing, routed, with_traffic;
  bool gateway_taken = true, forgotten = false, deaf = false, never_ready = false;
  std::string fetch_error, template_error, instance_error, problem;
  MonotonicTime now{std::chrono::hours(1)};
  PlanLimits limits{std::chrono::seconds(30), std::chrono::seconds(70)};
  int counter = 0;
  std::uint64_t generation = 0;

  void Want(const std::string& revision, int count = 1) {
    Desired wish;
    wish.endpoint_uid = "u1";
    wish.endpoint_generation = ++generation;
    wish.fleet.revision = revision;
    wish.problem = problem;
    VariantSpec variant;
    variant.name = "A";
    variant.artifact_url = "file:///" + revision;
    variant.count = count;
    variant.golden = golden;
    wish.fleet.variants.push_back(variant);
    wish.policy = policy;
    desired = wish;
  }
  // The same revision's fleet with other numbers.
  void Resize(int count, double weight = 1) {
    REQUIRE(desired);
    auto& variant = desired->fleet.variants[0];
    variant.count = count;
    variant.weight = weight;
    desired->fleet.revision = variant.artifact_url + "/" + std::to_string(count) + "/" + std::to_string(weight);
    desired->endpoint_generation = ++generation;
  }
  // The artifact that a revision had, whatever its address holds now.
  void Restore(const std::string& revision, const std::string& digest) {
    Want(revision);
    desired->restore = "restore-" + std::to_string(generation);
    desired->fleet.variants[0].digest = digest;
  }
  void Unwant() { desired.reset(); }

  Observed Observe() const {
    Observed o;
    o.instances = instances;
    o.templates = templates;
    o.fetches = fetches;
    o.goldens = goldens;
    o.alarming = alarming;
    o.snapshots = snapshots;
    o.slots = slots;
    o.routes_current = gateway_taken;
    o.owing = owing;
    return o;
  }

  EndpointCondition Condition() const { return ConditionOf(desired.has_value(), journal, slots); }
  bool InService() const { return Condition().status == "InService"; }
  bool Has(const std::string& id) const {
    return std::any_of(instances.begin(), instances.end(), [&](auto& i) { return i.id == id; });
  }
  InstanceState StateOf(const std::string& id) const {
    for (auto& i : instances)
      if (i.id == id) return i.state;
    return InstanceState::kDead;
  }
  ObservedInstance& At(const std::string& id) {
    for (auto& i : instances)
      if (i.id == id) return i;
    FAIL("no instance " << id);
    throw 0;
  }
  const VariantSpec& Variant(const std::string& fleet) {
    for (const Fleet* f : FleetsOf(journal))
      if (f->id == fleet) return f->variants[0];
    FAIL("no fleet " << fleet);
    throw 0;
  }
  void Move(ObservedInstance& i, InstanceEvent event) {
    auto next = Next(i.state, event);
    REQUIRE(next.has_value());
    i.state = *next;
    i.since = now;
  }

  // The routes that the gateway was given, if it listens.
  void Route() {
    if (!gateway_taken) return;
    routed.clear();
    with_traffic.clear();
    for (const auto& entry : TrafficOf(journal, now)) {
      for (int index = 0; index < entry.routed; ++index) {
        const ObservedInstance* holder = HolderOf({entry.fleet->id, entry.variant->name, index}, instances);
        if (holder == nullptr || holder->state != InstanceState::kReady) continue;
        routed.insert(holder->id);
        if (entry.weight > 0) with_traffic.insert(holder->id);
      }
    }
  }

  // Ready or not, the places that requests are meant for: never fewer than blue has, once it has served.
  void CheckCapacity() const {
    if (!journal.serving || !journal.rollout || journal.rollout->policy.kind != DeploymentPolicy::Kind::kRolling) return;
    double places = 0;
    for (const auto& entry : TrafficOf(journal, now)) places += entry.routed;
    int least = std::min(journal.serving->variants[0].count, journal.coming->variants[0].count);
    CHECK(places >= least);
  }

  Action Step() {
    Route();
    if (forgotten && !desired) return {};  // the controller asks no more about it
    forgotten = false;
    Action a = NextAction(desired, journal, Observe(), limits, now);
    Execute(a);
    CheckCapacity();
    return a;
  }

  // Of a coming fleet that gets its first traffic, or serves: all its places that this step needs are ready.
  void CheckReady(const Fleet& fleet, int count) const {
    for (int n = 0; n < count; ++n)
      REQUIRE(std::any_of(instances.begin(), instances.end(), [&](auto& i) {
        return i.fleet == fleet.id && i.index == n && i.state == InstanceState::kReady;
      }));
  }

  void Execute(const Action& a) {
    using Kind = Action::Kind;
    if (a.kind == Kind::kBegin) {
      REQUIRE(desired);
      REQUIRE_FALSE(journal.coming);
    }
    if (a.kind == Kind::kShift || a.kind == Kind::kFinish) REQUIRE(journal.coming);
    if (auto next = JournalAfter(journal, a, {desired ? &*desired : nullptr, "f" + std::to_string(counter + 1), now})) {
      if (a.kind == Kind::kBegin) ++counter;
      if (a.kind == Kind::kShift) CheckReady(*next->coming, PlacesOf(*next, *next->coming, next->coming->variants[0], now).routed);
      if (a.kind == Kind::kFinish) CheckReady(*next->serving, next->serving->variants[0].count);
      if (journal.coming && !next->coming) goldens.clear();
      if (a.kind == Kind::kBegin) fetches.clear();
      if (a.kind == Kind::kResize) slots.clear();
      journal = std::move(*next);
      return;
    }
    switch (a.kind) {
      case Kind::kFetch:
        fetches[Variant(a.fleet).artifact_url] = {};
        fetched_digest = Variant(a.fleet).digest;
        break;
      case Kind::kStartTemplate: templates[TemplateKey(Variant(a.fleet))] = {}; break;
      case Kind::kRunGolden:
        REQUIRE(StateOf(a.instance) == InstanceState::kReady);
        goldens[a.variant] = {};
        break;
      case Kind::kStartInstance: {
        REQUIRE(desired);
        for (auto& i : instances)
          if (i.fleet == a.fleet && i.index == a.index)
            REQUIRE((i.state == InstanceState::kStopping || i.state == InstanceState::kKilling));
        ObservedInstance i;
        i.id = "i" + std::to_string(++counter);
        i.fleet = a.fleet;
        i.variant = a.variant;
        i.index = a.index;
        i.since = i.started = now + std::chrono::nanoseconds(counter);
        instances.push_back(i);
        break;
      }
      case Kind::kDrainInstance: Move(At(a.instance), InstanceEvent::kUnrouted); break;
      case Kind::kStopInstance:
        // The promise of the whole design: nothing that gets requests is stopped, unless it cannot serve.
        if (StateOf(a.instance) != InstanceState::kBroken) REQUIRE(with_traffic.count(a.instance) == 0);
        Move(At(a.instance), InstanceEvent::kTermSent);
        break;
      case Kind::kKillInstance: Move(At(a.instance), InstanceEvent::kKillSent); break;
      case Kind::kForgetInstance:
        REQUIRE(At(a.instance).state == InstanceState::kDead);
        instances.erase(std::find_if(instances.begin(), instances.end(), [&](auto& i) { return i.id == a.instance; }));
        break;
      case Kind::kForgetEndpoint:
        forgotten = true;
        journal = {};
        break;
      default: break;
    }
  }

  void EverythingGoesWell() {
    for (auto& [url, fetch] : fetches) {
      if (fetch.state != ObservedFetch::State::kRunning) continue;
      const std::string digest = "sha256:" + url + content;
      if (!fetch_error.empty()) fetch = {ObservedFetch::State::kFailed, "", fetch_error, url};
      else if (!fetched_digest.empty() && digest != fetched_digest) fetch = {ObservedFetch::State::kFailed, "", "changed since", url};
      else fetch = {ObservedFetch::State::kDone, digest, "", url};
      if (fetch.state == ObservedFetch::State::kDone) snapshots.insert(digest);
    }
    for (auto& [key, t] : templates) {
      if (t.state != ObservedTemplate::State::kLoading) continue;
      t = template_error.empty() ? ObservedTemplate{ObservedTemplate::State::kReady, ""}
                                 : ObservedTemplate{ObservedTemplate::State::kFailed, template_error};
    }
    for (auto& [variant, tried] : goldens)
      tried.state = golden_error.empty() ? ObservedGolden::State::kPassed : ObservedGolden::State::kFailed;
    for (auto& [variant, tried] : goldens) tried.error = golden_error;
    for (auto& i : instances) {
      if (i.state == InstanceState::kStarting && !never_ready) {
        Move(i, instance_error.empty() ? InstanceEvent::kSaidReady : InstanceEvent::kSaidFailed);
        i.reason = instance_error;
      } else if (i.state == InstanceState::kKilling || (i.state == InstanceState::kStopping && !deaf)) {
        Move(i, InstanceEvent::kEnded);
      }
    }
  }

  // Runs until nothing more happens by itself.
  void Settle() {
    for (int quiet = 0, steps = 0; quiet < 3; ++steps) {
      REQUIRE(steps < 4000);
      Action action = Step();
      if (action.kind != Action::Kind::kNothing) {
        quiet = 0;
        continue;
      }
      // Nothing moves by itself any more but time: a wait that was asked for.
      if (quiet == 1 && action.look_again && (journal.rollout || !journal.leaving.empty())) {
        now = std::max(now, *action.look_again);
        quiet = -1;
      }
      EverythingGoesWell();
      ++quiet;
    }
  }

  void Calm() {
    gateway_taken = true;
    deaf = never_ready = false;
    owing.clear();
    slots.clear();
    alarming.clear();
    golden_error.clear();
    fetch_error = template_error = instance_error = problem = "";
    for (auto it = templates.begin(); it != templates.end();)
      it = it->second.state == ObservedTemplate::State::kFailed ? templates.erase(it) : std::next(it);
    if (desired) {
      desired->problem.clear();
      desired->endpoint_generation = ++generation;
    }
  }

  void CheckConverged() const {
    if (!desired) {
      CHECK(instances.empty());
      CHECK_FALSE(journal.serving.has_value());
      return;
    }
    REQUIRE(journal.serving.has_value());
    CHECK(journal.serving->revision == desired->fleet.revision);
    CHECK(journal.leaving.empty());
    CHECK(instances.size() == static_cast<std::size_t>(journal.serving->variants[0].count));
    CHECK(Condition().status == "InService");
  }
};

inline DeploymentPolicy RandomPolicy(std::mt19937& random) {
  DeploymentPolicy policy;
  policy.kind = static_cast<DeploymentPolicy::Kind>(random() % 4);
  const int sizes[] = {5, 10, 25, 30, 50};
  policy.size = {true, sizes[random() % 5]};
  policy.rollback_size = {true, sizes[random() % 5] * 2};
  policy.wait = std::chrono::seconds(random() % 3 * 10);
  policy.termination_wait = std::chrono::seconds(random() % 2 * 30);
  if (random() % 3 == 0) policy.alarms = {"high"};
  if (random() % 4 == 0) policy.longest = std::chrono::seconds(600);
  return policy;
}

// One random history: wishes, deaths, failures, a gateway that falls behind, time that jumps.
inline void RunHistory(World& world, std::mt19937& random, int length) {
  auto one_in = [&](int n) { return random() % static_cast<unsigned>(n) == 0; };
  for (int i = 0; i < length; ++i) {
    if (one_in(6)) world.Want("r" + std::to_string(random() % 4), 1 + static_cast<int>(random() % 3));
    if (one_in(25)) world.Unwant();
    if (one_in(10)) world.policy = RandomPolicy(random);
    if (one_in(12) && world.desired) world.Resize(1 + static_cast<int>(random() % 4), static_cast<double>(random() % 3));
    if (one_in(10)) world.alarming = world.alarming.empty() ? std::set<std::string>{"high"} : std::set<std::string>{};
    if (one_in(15)) world.golden = world.golden.empty() ? "{}" : "";
    if (one_in(20)) world.golden_error = world.golden_error.empty() ? "differs" : "";
    if (one_in(20) && world.desired && world.journal.coming) world.desired->abort = world.journal.coming->id;
    if (one_in(8)) world.gateway_taken = !world.gateway_taken;
    if (one_in(12)) world.fetch_error = world.fetch_error.empty() ? "404" : "";
    if (one_in(15)) world.instance_error = world.instance_error.empty() ? "bad" : "";
    if (one_in(20)) world.deaf = !world.deaf;
    if (one_in(5)) world.now += std::chrono::seconds(random() % 40);
    if (one_in(6) && !world.instances.empty()) {
      auto& victim = world.instances[random() % world.instances.size()];
      if (victim.state != InstanceState::kDead) world.Move(victim, InstanceEvent::kEnded);
    }
    if (one_in(9) && !world.templates.empty()) world.templates.erase(world.templates.begin());
    for (int steps = static_cast<int>(random() % 8); steps > 0; --steps) {
      if (world.Step().kind == Action::Kind::kNothing && one_in(2)) world.EverythingGoesWell();
    }
  }
}

}  // namespace smhost
