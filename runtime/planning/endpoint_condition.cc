#include "planning/endpoint_condition.h"

#include <algorithm>
#include <optional>

#include "planning/rollout.h"

namespace smhost {
namespace {

// All of the serving fleet's places are given up: the last reason. Else nothing.
std::optional<std::string> GivenUp(const Fleet& fleet, const std::map<Slot, SlotHistory>& slots) {
  std::optional<std::string> reason;
  for (const auto& variant : fleet.variants) {
    if (variant.shadow) continue;
    for (int index = 0; index < variant.count; ++index) {
      auto it = slots.find(Slot{fleet.id, variant.name, index});
      if (it == slots.end() || !it->second.gave_up) return std::nullopt;
      reason = "Every instance of variant " + variant.name + " died too often. " + it->second.last_reason;
    }
  }
  return reason;
}

EndpointCondition UpdateUnderWay(const Rollout& rollout) {
  switch (rollout.way) {
    case Rollout::Way::kForward: return {"Updating", ""};
    case Rollout::Way::kBack: return {"RollingBack", rollout.reason};
    case Rollout::Way::kStuck: return {"UpdateRollbackFailed", rollout.reason};
  }
  return {"Updating", ""};
}

}  // namespace

EndpointCondition ConditionOf(bool wanted, const Journal& journal, const std::map<Slot, SlotHistory>& slots) {
  const std::string reason = journal.failure ? journal.failure->reason : "";
  if (!wanted) return {"Deleting", reason};
  if (!journal.serving) return {journal.failure && !journal.coming ? "Failed" : "Creating", reason};
  if (journal.coming) return UpdateUnderWay(journal.rollout.value_or(Rollout{}));
  if (!journal.published) return {journal.leaving.empty() ? "Creating" : "Updating", ""};
  if (journal.returning) return {"RollingBack", reason};
  if (journal.resized_from) return {"Updating", ""};
  if (auto given_up = GivenUp(*journal.serving, slots)) return {"Failed", *given_up};
  return {"InService", reason};
}

std::string StageOf(const Journal& journal, MonotonicTime now) {
  if (journal.coming && journal.rollout) {
    const Rollout& rollout = *journal.rollout;
    if (rollout.way != Rollout::Way::kForward) return "RollingBack";
    if (rollout.step > 0 && !rollout.baking_since) return "Shifting";
    if (rollout.step > 0 && !Baked(rollout, now)) return "Baking";
    bool pinned = std::all_of(journal.coming->variants.begin(), journal.coming->variants.end(),
                              [](const auto& v) { return !v.digest.empty(); });
    return pinned ? "Starting" : "Fetching";
  }
  if (journal.serving && !journal.published) return "Publishing";
  if (journal.returning) return "RollingBack";
  if (journal.resized_from) return "Resizing";
  if (journal.leaving.empty()) return "Steady";
  bool kept = std::any_of(journal.leaving.begin(), journal.leaving.end(),
                          [&](const Leaving& l) { return l.keep_until && now < *l.keep_until; });
  return kept ? "Keeping" : "Draining";
}

const char* ComingVariantStatus(const Journal& journal, MonotonicTime now) {
  const std::string stage = StageOf(journal, now);
  if (stage == "Baking") return "Baking";
  return journal.rollout && journal.rollout->step > 0 ? "ActivatingTraffic" : "Creating";
}

}  // namespace smhost
