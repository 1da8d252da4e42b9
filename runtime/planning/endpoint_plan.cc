#include "planning/endpoint_plan.h"

#include <algorithm>

namespace smhost {
namespace {

using Kind = Action::Kind;

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
  bool Fail(const std::string& reason) {
    Do(Kind::kFail);
    action_.reason = reason;
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
  const ObservedInstance* InstanceAt(const Slot& slot) const {
    const ObservedInstance* found = nullptr;
    for (const auto& i : observed_.instances) {
      if (i.fleet != slot.fleet || i.variant != slot.variant || i.index != slot.index) continue;
      if (found == nullptr || i.started > found->started) found = &i;  // a stopping one may stand beside its successor
    }
    return found;
  }
  const SlotHistory* HistoryOf(const Slot& slot) const {
    auto it = observed_.slots.find(slot);
    return it == observed_.slots.end() ? nullptr : &it->second;
  }
  static bool Ends(const ObservedInstance& i) {
    return i.state == InstanceState::kStopping || i.state == InstanceState::kKilling || i.state == InstanceState::kDead;
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
    bool same_endpoint = journal_.endpoint_uid == desired_->endpoint_uid;
    if (journal_.coming && (journal_.coming->revision != wanted || !same_endpoint)) return Do(Kind::kAbandon);
    if (journal_.coming) return false;
    if (journal_.serving && journal_.serving->revision == wanted && same_endpoint)
      return journal_.failure && journal_.failure->revision != wanted && Do(Kind::kClearFailure);
    if (journal_.failure && journal_.failure->revision == wanted && same_endpoint &&
        journal_.failure->endpoint_generation == desired_->endpoint_generation)
      return false;
    return Do(Kind::kBegin);
  }

  bool MakeGreen() {
    if (!journal_.coming || !desired_) return false;
    if (!desired_->problem.empty()) return Fail(desired_->problem);
    const Fleet& fleet = *journal_.coming;
    for (const auto& variant : fleet.variants)
      if (NeedsSnapshot(variant)) return true;
    bool ready = true;
    for (const auto& variant : fleet.variants) {
      if (variant.digest.empty()) {
        ready = false;
        continue;
      }
      if (FillVariant(fleet, variant, true, ready)) return true;
    }
    return ready && Do(Kind::kPublish);
  }

  // Of a coming fleet: true if there is something to do about its snapshot.
  bool NeedsSnapshot(const VariantSpec& variant) {
    if (!variant.digest.empty()) return false;
    auto it = observed_.fetches.find(variant.artifact_url);
    if (it == observed_.fetches.end()) {
      Do(Kind::kFetch);
    } else if (it->second.state == ObservedFetch::State::kDone) {
      Do(Kind::kPin);
      action_.digest = it->second.digest;
    } else if (it->second.state == ObservedFetch::State::kFailed) {
      return Fail("Failed to download model data for container \"container-1\" from URL: \"" + it->second.shown_url +
                  "\". " + it->second.error);
    } else {
      return false;
    }
    action_.fleet = journal_.coming->id;
    action_.variant = variant.name;
    return true;
  }

  // Every place of the variant gets its instance. `ready` turns false if one is not ready to serve.
  bool FillVariant(const Fleet& fleet, const VariantSpec& variant, bool green, bool& ready) {
    for (int index = 0; index < variant.count; ++index) {
      Slot slot{fleet.id, variant.name, index};
      const ObservedInstance* instance = InstanceAt(slot);
      if (instance != nullptr && !Ends(*instance)) {
        if (instance->state != InstanceState::kReady) ready = false;
        if (WatchOne(variant, *instance, green)) return true;
        continue;
      }
      ready = false;
      if (StartOne(variant, slot, green)) return true;
    }
    return false;
  }

  bool WatchOne(const VariantSpec& variant, const ObservedInstance& instance, bool green) {
    if (instance.state == InstanceState::kBroken)
      return green ? Fail(NotHealthy(variant, instance.reason)) : Do(Kind::kStopInstance, instance);
    if (instance.state != InstanceState::kStarting || !Due(instance.started + variant.startup_timeout)) return false;
    std::string late = "It was not ready within " + std::to_string(variant.startup_timeout.count()) + " s.";
    return green ? Fail(NotHealthy(variant, late)) : Do(Kind::kStopInstance, instance);
  }

  bool StartOne(const VariantSpec& variant, const Slot& slot, bool green) {
    const SlotHistory* history = HistoryOf(slot);
    if (history != nullptr && history->gave_up)
      return green && Fail(NotHealthy(variant, history->last_reason));
    if (history != nullptr && history->next_start && !Due(*history->next_start)) return false;
    auto it = observed_.templates.find(TemplateKey(variant));
    if (it == observed_.templates.end()) {
      if (observed_.snapshots.count(variant.digest) == 0)
        return green && Fail("The snapshot " + variant.digest + " of variant " + variant.name + " is gone.");
      Do(Kind::kStartTemplate);
    } else if (it->second.state == ObservedTemplate::State::kFailed) {
      return green && Fail(NotHealthy(variant, it->second.error));
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
    bool ready = true;
    for (const auto& variant : journal_.serving->variants)
      if (FillVariant(*journal_.serving, variant, false, ready)) return true;
    return false;
  }

  // Instances of no fleet that serves or comes: unroute, wait for what they owe, stop, kill.
  bool EndLeaving() {
    for (const auto& i : observed_.instances) {
      bool needed = (journal_.serving && journal_.serving->id == i.fleet) || (journal_.coming && journal_.coming->id == i.fleet);
      if ((!needed || Ends(i)) && EndOne(i)) return true;
    }
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
    for (const auto& fleet : journal_.leaving) {
      bool empty = std::none_of(observed_.instances.begin(), observed_.instances.end(),
                                [&](const auto& i) { return i.fleet == fleet.id; });
      if (!empty) continue;
      Do(Kind::kForgetFleet);
      action_.fleet = fleet.id;
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

// All of the serving fleet's places are given up: the last reason. Else nothing.
std::optional<std::string> GivenUp(const Fleet& fleet, const std::map<Slot, SlotHistory>& slots) {
  std::string reason;
  for (const auto& variant : fleet.variants) {
    for (int index = 0; index < variant.count; ++index) {
      auto it = slots.find(Slot{fleet.id, variant.name, index});
      if (it == slots.end() || !it->second.gave_up) return std::nullopt;
      reason = "Every instance of variant " + variant.name + " died too often. " + it->second.last_reason;
    }
  }
  return reason;
}

}  // namespace

std::string TemplateKey(const VariantSpec& variant) {
  std::string key = variant.digest;
  for (const auto& [name, value] : variant.environment) key += "\n" + name + "=" + value;
  return key;
}

Action NextAction(const std::optional<Desired>& desired, const Journal& journal, const Observed& observed,
                  const PlanLimits& limits, MonotonicTime now) {
  return Planner(desired, journal, observed, limits, now).Decide();
}

EndpointCondition ConditionOf(bool wanted, const Journal& journal, const std::map<Slot, SlotHistory>& slots) {
  std::string reason = journal.failure ? journal.failure->reason : "";
  if (!wanted) return {"Deleting", reason};
  if (!journal.serving) return {journal.failure && !journal.coming ? "Failed" : "Creating", reason};
  if (journal.coming) return {"Updating", ""};
  if (!journal.published) return {journal.leaving.empty() ? "Creating" : "Updating", ""};
  if (auto given_up = GivenUp(*journal.serving, slots)) return {"Failed", *given_up};
  return {"InService", reason};
}

}  // namespace smhost
