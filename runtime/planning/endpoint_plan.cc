#include "planning/endpoint_plan.h"

#include <algorithm>
#include <tuple>

#include "planning/rollout.h"

namespace smhost {
namespace {

using Kind = Action::Kind;

bool Ends(const ObservedInstance& i) {
  return i.state == InstanceState::kStopping || i.state == InstanceState::kKilling || i.state == InstanceState::kDead;
}

// One question at a time; the first that has an answer decides. The order is the policy.
class Planner {
 public:
  Planner(const std::optional<Desired>& desired, const Journal& journal, const Observed& observed,
          const PlanLimits& limits, MonotonicTime now)
      : desired_(desired), journal_(journal), observed_(observed), limits_(limits), now_(now) {}

  Action Decide() {
    if (ClearDead() || FollowWish() || MakeGreen() || KeepBlue() || EndLeaving() || Finish()) return action_;
    action_ = {};
    action_.look_again = look_again_;
    return action_;
  }

 private:
  // --- small words
  bool Do(Kind kind) {
    action_ = {};
    action_.kind = kind;
    return true;
  }
  bool Do(Kind kind, const ObservedInstance& instance) {
    Do(kind);
    action_.instance = instance.id;
    action_.fleet = instance.fleet;
    action_.variant = instance.variant;
    action_.index = instance.index;
    return true;
  }
  void LookAgain(MonotonicTime at) {
    if (!look_again_ || at < *look_again_) look_again_ = at;
  }
  bool Due(MonotonicTime at) {
    if (now_ >= at) return true;
    LookAgain(at);
    return false;
  }
  const ObservedInstance* InstanceAt(const Slot& slot) const { return HolderOf(slot, observed_.instances); }
  const SlotHistory* HistoryOf(const Slot& slot) const {
    auto it = observed_.slots.find(slot);
    return it == observed_.slots.end() ? nullptr : &it->second;
  }

  // --- the questions
  bool ClearDead() {
    for (const auto& i : observed_.instances)
      if (i.state == InstanceState::kDead) return Do(Kind::kForgetInstance, i);
    return false;
  }

  bool FollowWish() {
    if (!desired_) return (journal_.serving || journal_.coming) && Do(Kind::kRetire);
    const std::string& wanted = desired_->fleet.revision;
    const bool same_endpoint = journal_.endpoint_uid == desired_->endpoint_uid;
    if (journal_.coming) return FollowWishUnderWay(journal_.coming->revision == wanted && same_endpoint && HasWantedDigests(*journal_.coming));
    const bool right_digests = journal_.serving && HasWantedDigests(*journal_.serving);
    const bool failed = journal_.failure && journal_.failure->revision == wanted && same_endpoint &&
                        journal_.failure->endpoint_generation == desired_->endpoint_generation;
    if (right_digests && journal_.serving->revision == wanted && same_endpoint)
      return (journal_.failure && !failed && Do(Kind::kClearFailure)) || (RestoreIsOpen() && Do(Kind::kRestored));
    if (failed) return false;
    if (right_digests && same_endpoint && desired_->problem.empty() && DifferInSizeAlone(*journal_.serving, desired_->fleet))
      return !HasLeftovers(*journal_.serving) && Do(Kind::kResize);
    return Do(Kind::kBegin);
  }

  bool RestoreIsOpen() const { return smhost::RestoreIsOpen(*desired_, journal_); }

  // Where artifacts are to be restored: are these the ones?
  bool HasWantedDigests(const Fleet& fleet) const {
    return !RestoreIsOpen() || std::all_of(desired_->fleet.variants.begin(), desired_->fleet.variants.end(), [&](const VariantSpec& wanted) {
      const VariantSpec* there = FindVariant(fleet, wanted.name);
      return wanted.digest.empty() || (there != nullptr && there->digest == wanted.digest);
    });
  }

  // Something is coming already: is it still wanted?
  bool FollowWishUnderWay(bool wanted) {
    if (journal_.rollout->way == Rollout::Way::kStuck && desired_->endpoint_generation != journal_.endpoint_generation) wanted = false;
    const bool aborted = !desired_->abort.empty() && desired_->abort == journal_.coming->id;
    if (wanted && !aborted) return RestoreIsOpen() && Do(Kind::kRestored);
    if (journal_.rollout->way == Rollout::Way::kBack) return false;  // and when it is back, this is asked again
    if (journal_.rollout->way == Rollout::Way::kStuck) return BlueHasReady() && Do(Kind::kAbandon);
    if (aborted) return TurnBack("The deployment was aborted.");
    if (BlueIsReduced()) return TurnBack("The documents changed before the deployment was done.");
    return Do(Kind::kAbandon);
  }

  // Instances in places that the fleet does not have: an earlier resize left them, and they say nothing about the next.
  bool HasLeftovers(const Fleet& fleet) const {
    return std::any_of(observed_.instances.begin(), observed_.instances.end(), [&](const auto& i) {
      const VariantSpec* variant = i.fleet == fleet.id ? FindVariant(fleet, i.variant) : nullptr;
      return variant != nullptr && i.index >= variant->count;
    });
  }

  bool BlueHasReady() const {
    return std::any_of(observed_.instances.begin(), observed_.instances.end(), [&](const auto& i) {
      return journal_.serving && i.fleet == journal_.serving->id && i.state == InstanceState::kReady;
    });
  }

  // A rolling update that has begun to replace blue's instances.
  bool BlueIsReduced() const {
    return journal_.serving && journal_.rollout->policy.kind == DeploymentPolicy::Kind::kRolling && journal_.rollout->step > 0;
  }

  // Back to blue: at once, or batch by batch where blue has given places up.
  bool TurnBack(const std::string& reason) {
    Do(BlueIsReduced() ? Kind::kTurnBack : Kind::kFail);
    action_.reason = reason;
    return true;
  }

  bool MakeGreen() {
    if (!journal_.coming || !desired_) return false;
    if (journal_.rollout->way != Rollout::Way::kForward) return ReturnToBlue();
    if (!desired_->problem.empty()) return TurnBack(desired_->problem);
    const Fleet& fleet = *journal_.coming;
    const Rollout& rollout = *journal_.rollout;
    if (rollout.policy.longest && Due(rollout.began + *rollout.policy.longest))
      return TurnBack("The deployment was not done within its MaximumExecutionTimeoutInSeconds of " +
                      std::to_string(rollout.policy.longest->count()) + " s.");
    if (rollout.step > 0 && WatchAlarms()) return true;
    for (const auto& variant : fleet.variants)
      if (NeedsSnapshot(variant)) return true;
    bool ready = true;
    for (const auto& variant : fleet.variants) {
      if (AwaitsSnapshot(variant)) ready = false;
      else if (FillVariant(fleet, variant, Role::kGreen, ready)) return true;
    }
    return Advance(ready);
  }

  // What green's readiness allows: the first traffic, the next step, the end.
  bool Advance(bool ready) {
    const Rollout& rollout = *journal_.rollout;
    if (rollout.step > 0 && !rollout.baking_since) return observed_.routes_current && Do(Kind::kBake);
    if (rollout.step > 0 && !Due(*rollout.baking_since + rollout.policy.wait)) return false;
    if (!ready) return false;
    if (rollout.step == 0 && !GoldenSetsPassed()) return action_.kind != Kind::kNothing;
    const int steps = static_cast<int>(ShiftSteps(rollout.policy, *journal_.coming).size());
    return Do(journal_.serving && rollout.step < steps ? Kind::kShift : Kind::kFinish);
  }

  bool WatchAlarms() {
    for (const auto& alarm : journal_.rollout->policy.alarms)
      if (observed_.alarming.count(alarm) != 0)
        return TurnBack("The alarm " + alarm + " went into ALARM while the new fleet had traffic.");
    return false;
  }

  // False: not yet, or one failed; then action_ says what to do, if there is something to do.
  bool GoldenSetsPassed() {
    bool passed = true;
    for (const auto& variant : journal_.coming->variants) {
      if (variant.golden.empty() && observed_.golden_snapshots.count(variant.digest) == 0) continue;
      auto it = observed_.goldens.find(variant.name);
      if (it == observed_.goldens.end()) {
        const ObservedInstance* instance = InstanceAt({journal_.coming->id, variant.name, 0});
        if (instance != nullptr) Do(Kind::kRunGolden, *instance);
        return false;
      }
      if (it->second.state == ObservedGolden::State::kFailed) {
        TurnBack("The golden set of variant " + variant.name + " did not pass: " + it->second.error);
        return false;
      }
      passed = passed && it->second.state == ObservedGolden::State::kPassed;
    }
    return passed;
  }

  // A rolling update on its way back: blue's places fill up again, then traffic follows.
  bool ReturnToBlue() {
    if (journal_.rollout->step == 0) return observed_.routes_current && Do(Kind::kRolledBack);
    bool ready = true;
    for (const auto& variant : journal_.serving->variants)
      if (FillVariant(*journal_.serving, variant, Role::kReturning, ready)) return true;
    if (!ready || !observed_.routes_current) return false;
    Do(Kind::kShiftBack);
    action_.index = StepBack(journal_);
    return true;
  }

  // Of a coming fleet. One that was fetched and is gone is not waited for: whoever needs it says so.
  bool AwaitsSnapshot(const VariantSpec& variant) const {
    if (variant.digest.empty()) return true;
    if (observed_.snapshots.count(variant.digest) != 0 || observed_.templates.count(TemplateKey(variant)) != 0) return false;
    auto it = observed_.fetches.find(variant.artifact_url);
    return it == observed_.fetches.end() || it->second.state != ObservedFetch::State::kDone;
  }

  // True if there is something to do about its snapshot.
  bool NeedsSnapshot(const VariantSpec& variant) {
    if (!AwaitsSnapshot(variant)) return false;
    auto it = observed_.fetches.find(variant.artifact_url);
    if (it == observed_.fetches.end()) {
      Do(Kind::kFetch);
    } else if (it->second.state == ObservedFetch::State::kDone) {
      Do(Kind::kPin);
      action_.digest = it->second.digest;
    } else if (it->second.state == ObservedFetch::State::kFailed) {
      return TurnBack("Failed to download model data for container \"container-1\" from URL: \"" + it->second.shown_url +
                  "\". " + it->second.error);
    } else {
      return false;
    }
    action_.fleet = journal_.coming->id;
    action_.variant = variant.name;
    return true;
  }

  // Who asks for a place to be filled decides what a failure means.
  enum class Role { kBlue, kGreen, kReturning };

  // True if the failure is something to act on; blue goes on trying by itself.
  bool CannotServe(Role role, const Fleet& fleet, const Slot& slot, const std::string& reason) {
    if (role == Role::kGreen) return TurnBack(reason);
    if (role == Role::kReturning && journal_.rollout->way == Rollout::Way::kBack) {
      Do(Kind::kStuck);
      action_.reason = reason;
      return true;
    }
    if (role == Role::kBlue && IsAddedPlace(fleet, slot)) {
      Do(Kind::kRevertSize);
      action_.reason = reason;
      return true;
    }
    return false;
  }

  // A place that the fleet did not have before it was resized.
  bool IsAddedPlace(const Fleet& fleet, const Slot& slot) const {
    if (!journal_.resized_from || !journal_.serving || journal_.serving->id != fleet.id) return false;
    const VariantSpec* before = FindVariant(*journal_.resized_from, slot.variant);
    return before != nullptr && slot.index >= before->count;
  }

  // Every place of the variant that is wanted now gets its instance. `ready` turns false if one is not ready to serve.
  bool FillVariant(const Fleet& fleet, const VariantSpec& variant, Role role, bool& ready) {
    const int wanted = PlacesOf(journal_, fleet, variant, now_).wanted;
    for (int index = 0; index < wanted; ++index) {
      Slot slot{fleet.id, variant.name, index};
      const ObservedInstance* instance = InstanceAt(slot);
      if (instance != nullptr && !Ends(*instance)) {
        // One that is draining was not needed a moment ago: it ends, and a successor comes.
        if (instance->state != InstanceState::kReady) ready = false;
        if (instance->state != InstanceState::kDraining && WatchOne(fleet, variant, slot, *instance, role)) return true;
        continue;
      }
      ready = false;
      if (StartOne(fleet, variant, slot, role)) return true;
    }
    return false;
  }

  bool WatchOne(const Fleet& fleet, const VariantSpec& variant, const Slot& slot, const ObservedInstance& instance, Role role) {
    std::string reason;
    if (instance.state == InstanceState::kBroken) reason = instance.reason;
    else if (instance.state == InstanceState::kStarting && Due(instance.started + variant.startup_timeout))
      reason = "It was not ready within " + std::to_string(variant.startup_timeout.count()) + " s.";
    else return false;
    return CannotServe(role, fleet, slot, NotHealthy(variant, reason)) || Do(Kind::kStopInstance, instance);
  }

  bool StartOne(const Fleet& fleet, const VariantSpec& variant, const Slot& slot, Role role) {
    const SlotHistory* history = HistoryOf(slot);
    if (history != nullptr && history->gave_up) return CannotServe(role, fleet, slot, NotHealthy(variant, history->last_reason));
    if (history != nullptr && history->next_start && !Due(*history->next_start)) return false;
    auto it = observed_.templates.find(TemplateKey(variant));
    if (it == observed_.templates.end()) {
      if (observed_.snapshots.count(variant.digest) == 0)
        return CannotServe(role, fleet, slot, "The snapshot " + variant.digest + " of variant " + variant.name + " is gone.");
      Do(Kind::kStartTemplate);
    } else if (it->second.state == ObservedTemplate::State::kFailed) {
      return CannotServe(role, fleet, slot, NotHealthy(variant, it->second.error));
    } else if (it->second.state == ObservedTemplate::State::kReady) {
      Do(Kind::kStartInstance);
    } else {
      return false;
    }
    action_.fleet = slot.fleet;
    action_.variant = slot.variant;
    action_.index = slot.index;
    return true;
  }

  static std::string NotHealthy(const VariantSpec& variant, const std::string& detail) {
    return "The primary container for production variant " + variant.name + " did not pass the ping health check. " + detail;
  }

  bool KeepBlue() {
    if (!journal_.serving || !desired_) return false;
    if (observed_.routes_current && !journal_.published) return Do(Kind::kMarkPublished);
    if (observed_.routes_current && journal_.returning) return Do(Kind::kSettle);
    bool ready = true;
    for (const auto& variant : journal_.serving->variants)
      if (FillVariant(*journal_.serving, variant, Role::kBlue, ready)) return true;
    return journal_.resized_from && ready && observed_.routes_current && Do(Kind::kResized);
  }

  // Has its fleet a place for it?
  bool Needed(const ObservedInstance& i) const {
    for (const auto* fleet : {&journal_.serving, &journal_.coming}) {
      if (!*fleet || (*fleet)->id != i.fleet) continue;
      const VariantSpec* variant = FindVariant(**fleet, i.variant);
      return variant != nullptr && i.index < PlacesOf(journal_, **fleet, *variant, now_).wanted &&
             InstanceAt({i.fleet, i.variant, i.index}) == &i;
    }
    return false;
  }

  // Kept for a while, though no request goes there.
  bool Kept(const ObservedInstance& i) {
    for (const auto& leaving : journal_.leaving)
      if (leaving.fleet.id == i.fleet && leaving.keep_until) return i.state == InstanceState::kReady && !Due(*leaving.keep_until);
    return false;
  }

  // Instances that have no place any more: unroute, wait for what they owe, stop, kill.
  bool EndLeaving() {
    for (const auto& i : observed_.instances)
      if ((!Needed(i) || Ends(i) || i.state == InstanceState::kDraining) && !Kept(i) && EndOne(i)) return true;
    return false;
  }

  bool EndOne(const ObservedInstance& i) {
    switch (i.state) {
      case InstanceState::kReady:
        return observed_.routes_current && Do(Kind::kDrainInstance, i);
      case InstanceState::kDraining:
        if (observed_.owing.count(i.id) != 0 && !Due(i.since + limits_.drain_longest)) return false;
        return Do(Kind::kStopInstance, i);
      case InstanceState::kStarting:
      case InstanceState::kBroken:
        return Do(Kind::kStopInstance, i);
      case InstanceState::kStopping:
        return Due(i.since + limits_.stop_grace) && Do(Kind::kKillInstance, i);
      case InstanceState::kKilling:
      case InstanceState::kDead:
        return false;
    }
    return false;
  }

  bool Finish() {
    for (const auto& leaving : journal_.leaving) {
      bool empty = std::none_of(observed_.instances.begin(), observed_.instances.end(),
                                [&](const auto& i) { return i.fleet == leaving.fleet.id; });
      if (!empty) continue;
      Do(Kind::kForgetFleet);
      action_.fleet = leaving.fleet.id;
      return true;
    }
    if (!desired_ && !journal_.serving && !journal_.coming && journal_.leaving.empty() && observed_.instances.empty())
      return Do(Kind::kForgetEndpoint);
    return false;
  }

  const std::optional<Desired>& desired_;
  const Journal& journal_;
  const Observed& observed_;
  const PlanLimits& limits_;
  const MonotonicTime now_;
  Action action_;
  std::optional<MonotonicTime> look_again_;
};

}  // namespace

bool RestoreIsOpen(const Desired& desired, const Journal& journal) {
  return !desired.restore.empty() && desired.restore != journal.restored;
}

const ObservedInstance* HolderOf(const Slot& slot, const std::vector<ObservedInstance>& instances) {
  auto rank = [](const ObservedInstance& i) { return std::tuple(!Ends(i), i.state == InstanceState::kReady, i.started, i.id); };
  const ObservedInstance* holder = nullptr;
  for (const auto& i : instances) {
    if (i.fleet != slot.fleet || i.variant != slot.variant || i.index != slot.index) continue;
    if (holder == nullptr || rank(i) > rank(*holder)) holder = &i;
  }
  return holder;
}

Action NextAction(const std::optional<Desired>& desired, const Journal& journal, const Observed& observed,
                  const PlanLimits& limits, MonotonicTime now) {
  return Planner(desired, journal, observed, limits, now).Decide();
}

}  // namespace smhost
