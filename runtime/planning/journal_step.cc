#include "planning/journal_step.h"

#include <algorithm>
#include <utility>

namespace smhost {
namespace {

// For good: documents that cannot be composed for a while tell of no wish, and the one before must not count once more.
void Heed(Journal& j, const Desired& wish) {
  if (RestoreIsOpen(wish, j)) j.restored = wish.restore;
}

void Begin(Journal& j, const StepContext& c) {
  const Desired& wish = *c.desired;
  const bool update = j.serving && j.endpoint_uid == wish.endpoint_uid;
  j.coming = wish.fleet;
  j.coming->id = c.new_fleet;
  if (!RestoreIsOpen(wish, j))
    for (auto& variant : j.coming->variants) variant.digest.clear();
  Heed(j, wish);
  j.rollout = Rollout{};
  if (update) j.rollout->policy = wish.policy;  // nothing is shifted where an endpoint is made
  j.rollout->began = c.now;
  j.deployment_config = wish.deployment_config;
  j.endpoint_uid = wish.endpoint_uid;
  j.endpoint_generation = wish.endpoint_generation;
  j.failure.reset();
  j.resized_from.reset();
  j.returning = false;
}

void Resize(Journal& j, const Desired& wish) {
  if (!j.resized_from) j.resized_from = j.serving;
  j.serving->revision = wish.fleet.revision;
  for (auto& variant : j.serving->variants) {
    const VariantSpec* wanted = FindVariant(wish.fleet, variant.name);
    if (wanted == nullptr) continue;
    std::string digest = std::move(variant.digest);
    variant = *wanted;
    variant.digest = std::move(digest);
  }
  j.endpoint_generation = wish.endpoint_generation;
  Heed(j, wish);
  j.failure.reset();
  j.returning = false;
}

void Finish(Journal& j, MonotonicTime now) {
  if (j.serving) {
    Leaving old{std::move(*j.serving), {}};
    if (j.rollout && j.rollout->policy.termination_wait.count() > 0) old.keep_until = now + j.rollout->policy.termination_wait;
    j.leaving.push_back(std::move(old));
  } else {
    j.published = false;
  }
  j.serving = std::exchange(j.coming, std::nullopt);
  j.rollout.reset();
}

// Coming leaves; if it had traffic, the gateway has yet to hear.
void SendAway(Journal& j) {
  j.returning = j.serving && j.rollout && j.rollout->step > 0;
  j.leaving.push_back({*std::exchange(j.coming, std::nullopt), {}});
  j.rollout.reset();
}

void Fail(Journal& j, const std::string& reason) {
  j.failure = Failure{j.coming->revision, j.endpoint_generation, reason};
  SendAway(j);
}

void RevertSize(Journal& j, const std::string& reason) {
  j.failure = Failure{j.serving->revision, j.endpoint_generation, reason};
  j.serving = std::exchange(j.resized_from, std::nullopt);
  j.returning = true;
}

void Retire(Journal& j) {
  if (j.serving) j.leaving.push_back({*std::exchange(j.serving, std::nullopt), {}});
  if (j.coming) j.leaving.push_back({*std::exchange(j.coming, std::nullopt), {}});
  for (auto& leaving : j.leaving) leaving.keep_until.reset();
  j.rollout.reset();
  j.resized_from.reset();
  j.returning = false;
}

}  // namespace

std::optional<Journal> JournalAfter(const Journal& journal, const Action& action, const StepContext& context) {
  using Kind = Action::Kind;
  Journal j = journal;
  switch (action.kind) {
    case Kind::kBegin: Begin(j, context); break;
    case Kind::kPin: {
      const VariantSpec* pinned = FindVariant(*j.coming, action.variant);
      const std::string url = pinned->artifact_url;
      for (auto& v : j.coming->variants)
        if (v.artifact_url == url) v.digest = action.digest;
      break;
    }
    case Kind::kShift:
      ++j.rollout->step;
      j.rollout->baking_since.reset();
      break;
    case Kind::kBake: j.rollout->baking_since = context.now; break;
    case Kind::kFinish: Finish(j, context.now); break;
    case Kind::kMarkPublished: j.published = true; break;
    case Kind::kFail: Fail(j, action.reason); break;
    case Kind::kTurnBack:
      j.rollout->way = Rollout::Way::kBack;
      j.rollout->baking_since.reset();
      j.rollout->reason = action.reason;
      break;
    case Kind::kShiftBack: j.rollout->step = action.index; break;
    case Kind::kRolledBack: Fail(j, j.rollout->reason); break;
    case Kind::kStuck:
      j.rollout->way = Rollout::Way::kStuck;
      j.rollout->reason += " The way back failed too: " + action.reason;
      break;
    case Kind::kAbandon: SendAway(j); break;
    case Kind::kSettle: j.returning = false; break;
    case Kind::kResize: Resize(j, *context.desired); break;
    case Kind::kResized: j.resized_from.reset(); break;
    case Kind::kRevertSize: RevertSize(j, action.reason); break;
    case Kind::kClearFailure: j.failure.reset(); break;
    case Kind::kRestored: Heed(j, *context.desired); break;
    case Kind::kRetire: Retire(j); break;
    case Kind::kForgetFleet:
      std::erase_if(j.leaving, [&](const Leaving& l) { return l.fleet.id == action.fleet; });
      break;
    default: return std::nullopt;
  }
  return j;
}

}  // namespace smhost
