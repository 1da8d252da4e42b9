// A world of one endpoint for tests of endpoint_plan: executes actions at once or fails as told, lets processes die,
// the gateway fall behind and time pass. Checks the invariants at every step.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "planning/endpoint_plan.h"

namespace smhost {

struct World {
  std::optional<Desired> desired;
  Journal journal;
  std::vector<ObservedInstance> instances;
  std::map<std::string, ObservedTemplate> templates;
  std::map<std::string, ObservedFetch> fetches;
  std::map<Slot, SlotHistory> slots;
  std::set<std::string> snapshots, owing, routed;
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
    wish.fleet.variants.push_back(variant);
    desired = wish;
  }
  void Unwant() { desired.reset(); }

  Observed Observe() const {
    Observed o;
    o.instances = instances;
    o.templates = templates;
    o.fetches = fetches;
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
  VariantSpec& Variant(const std::string& fleet) {
    if (journal.coming && journal.coming->id == fleet) return journal.coming->variants[0];
    REQUIRE(journal.serving);
    REQUIRE(journal.serving->id == fleet);
    return journal.serving->variants[0];
  }
  void Move(ObservedInstance& i, InstanceEvent event) {
    auto next = Next(i.state, event);
    REQUIRE(next.has_value());
    i.state = *next;
    i.since = now;
  }

  // The routes that the gateway was given, if it listens: exactly the ready instances of what serves.
  void Route() {
    if (!gateway_taken) return;
    routed.clear();
    for (auto& i : instances)
      if (journal.serving && i.fleet == journal.serving->id && i.state == InstanceState::kReady) routed.insert(i.id);
  }

  Action Step() {
    Route();
    if (forgotten && !desired) return {};  // the controller asks no more about it
    forgotten = false;
    Action a = NextAction(desired, journal, Observe(), limits, now);
    Execute(a);
    return a;
  }

  void Execute(const Action& a) {
    using Kind = Action::Kind;
    switch (a.kind) {
      case Kind::kNothing: break;
      case Kind::kBegin:
        REQUIRE(desired);
        REQUIRE_FALSE(journal.coming);
        journal.coming = desired->fleet;
        journal.coming->id = "f" + std::to_string(++counter);
        journal.endpoint_uid = desired->endpoint_uid;
        journal.endpoint_generation = desired->endpoint_generation;
        journal.failure.reset();
        fetches.clear();
        break;
      case Kind::kFetch: fetches[Variant(a.fleet).artifact_url] = {}; break;
      case Kind::kPin: Variant(a.fleet).digest = a.digest; break;
      case Kind::kStartTemplate: templates[TemplateKey(Variant(a.fleet))] = {}; break;
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
      case Kind::kPublish:
        REQUIRE(journal.coming);
        if (journal.serving) journal.leaving.push_back(*journal.serving);
        else journal.published = false;
        journal.serving = journal.coming;
        journal.coming.reset();
        for (auto& variant : journal.serving->variants)
          for (int n = 0; n < variant.count; ++n)
            REQUIRE(std::any_of(instances.begin(), instances.end(), [&](auto& i) {
              return i.fleet == journal.serving->id && i.index == n && i.state == InstanceState::kReady;
            }));
        break;
      case Kind::kMarkPublished: journal.published = true; break;
      case Kind::kClearFailure: journal.failure.reset(); break;
      case Kind::kFail:
        journal.failure = Failure{journal.coming->revision, journal.endpoint_generation, a.reason};
        [[fallthrough]];
      case Kind::kAbandon:
        REQUIRE(journal.coming);
        journal.leaving.push_back(*journal.coming);
        journal.coming.reset();
        break;
      case Kind::kRetire:
        if (journal.serving) journal.leaving.push_back(*journal.serving);
        if (journal.coming) journal.leaving.push_back(*journal.coming);
        journal.serving.reset();
        journal.coming.reset();
        break;
      case Kind::kDrainInstance: Move(At(a.instance), InstanceEvent::kUnrouted); break;
      case Kind::kStopInstance:
        // The promise of the whole design: nothing that gets requests is stopped.
        if (journal.serving && a.fleet != journal.serving->id) REQUIRE(routed.count(a.instance) == 0);
        Move(At(a.instance), InstanceEvent::kTermSent);
        break;
      case Kind::kKillInstance: Move(At(a.instance), InstanceEvent::kKillSent); break;
      case Kind::kForgetInstance:
        REQUIRE(At(a.instance).state == InstanceState::kDead);
        instances.erase(std::find_if(instances.begin(), instances.end(), [&](auto& i) { return i.id == a.instance; }));
        break;
      case Kind::kForgetFleet:
        journal.leaving.erase(std::find_if(journal.leaving.begin(), journal.leaving.end(),
                                           [&](auto& f) { return f.id == a.fleet; }));
        break;
      case Kind::kForgetEndpoint:
        forgotten = true;
        journal = {};
        break;
    }
  }

  void EverythingGoesWell() {
    for (auto& [url, fetch] : fetches) {
      if (fetch.state != ObservedFetch::State::kRunning) continue;
      fetch = fetch_error.empty() ? ObservedFetch{ObservedFetch::State::kDone, "sha256:" + url, "", url}
                                  : ObservedFetch{ObservedFetch::State::kFailed, "", fetch_error, url};
      if (fetch_error.empty()) snapshots.insert(fetch.digest);
    }
    for (auto& [key, t] : templates) {
      if (t.state != ObservedTemplate::State::kLoading) continue;
      t = template_error.empty() ? ObservedTemplate{ObservedTemplate::State::kReady, ""}
                                 : ObservedTemplate{ObservedTemplate::State::kFailed, template_error};
    }
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
      REQUIRE(steps < 2000);
      if (Step().kind != Action::Kind::kNothing) {
        quiet = 0;
        continue;
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

// One random history: wishes, deaths, failures, a gateway that falls behind, time that jumps.
inline void RunHistory(World& world, std::mt19937& random, int length) {
  auto one_in = [&](int n) { return random() % static_cast<unsigned>(n) == 0; };
  for (int i = 0; i < length; ++i) {
    if (one_in(6)) world.Want("r" + std::to_string(random() % 4), 1 + static_cast<int>(random() % 3));
    if (one_in(25)) world.Unwant();
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
