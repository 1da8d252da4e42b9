#include "planning/rollout.h"

#include <algorithm>
#include <cmath>

namespace smhost {
namespace {

using PolicyKind = DeploymentPolicy::Kind;

int LargestCount(const Fleet& fleet) {
  int largest = 1;
  for (const auto& variant : fleet.variants)
    if (!variant.shadow) largest = std::max(largest, variant.count);
  return largest;
}

// A size as a part of the largest variant.
double PartOf(const CapacitySize& size, const Fleet& fleet) {
  double part = size.percent ? size.value / 100.0 : static_cast<double>(size.value) / LargestCount(fleet);
  return std::clamp(part, 0.0, 1.0);
}

int BatchOf(const CapacitySize& size, int count) {
  return std::clamp(size.percent ? static_cast<int>(std::ceil(count * size.value / 100.0)) : size.value, 1, count);
}

std::vector<double> EqualSteps(int count) {
  std::vector<double> steps;
  for (int i = 1; i <= count; ++i) steps.push_back(static_cast<double>(i) / count);
  return steps;
}

// Of `count` places, those that `numerator` of `denominator` steps need: at least one while any step does.
int Portion(int count, int numerator, int denominator) {
  return (count * numerator + denominator - 1) / denominator;
}

double WeightSum(const Fleet& fleet) {
  double sum = 0;
  for (const auto& variant : fleet.variants)
    if (!variant.shadow && variant.count > 0) sum += variant.weight;
  return sum;
}

// A part that is 0 keeps its entries: links stay open for the way back.
void AddFleet(const Journal& journal, const Fleet& fleet, double part, bool relative, MonotonicTime now,
              std::vector<TrafficEntry>& entries) {
  const double sum = WeightSum(fleet);
  for (const auto& variant : fleet.variants) {
    TrafficEntry entry;
    entry.fleet = &fleet;
    entry.variant = &variant;
    entry.routed = PlacesOf(journal, fleet, variant, now).routed;
    entry.share = part;
    if (variant.shadow) entry.sampling = part > 0 && sum > 0 ? std::min(1.0, variant.weight / sum) : 0;
    else if (variant.count > 0) entry.weight = relative ? (sum > 0 ? part * variant.weight / sum : 0) : variant.weight;
    entries.push_back(entry);
  }
}

}  // namespace

std::vector<double> ShiftSteps(const DeploymentPolicy& policy, const Fleet& coming) {
  switch (policy.kind) {
    case PolicyKind::kAllAtOnce:
      break;
    case PolicyKind::kCanary: {
      double canary = PartOf(policy.size, coming);
      if (canary > 0 && canary < 1) return {canary, 1.0};
      break;
    }
    case PolicyKind::kLinear: {
      std::vector<double> steps;
      const double step = PartOf(policy.size, coming);
      for (int i = 1; step > 0 && i * step < 1 - 1e-9; ++i) steps.push_back(i * step);
      steps.push_back(1.0);
      return steps;
    }
    case PolicyKind::kRolling: {
      const int count = LargestCount(coming), batch = BatchOf(policy.size, count);
      return EqualSteps((count + batch - 1) / batch);
    }
  }
  return {1.0};
}

std::string PolicyProblem(const DeploymentPolicy& policy, const Fleet& coming) {
  if (policy.kind == PolicyKind::kAllAtOnce || policy.size.percent) return "";
  const int count = LargestCount(coming);
  if (policy.kind == PolicyKind::kRolling && count == 1 && policy.size.value == 1) return "";  // the only batch there can be
  if (policy.size.value * 2 <= count) return "";
  const char* member = policy.kind == PolicyKind::kCanary   ? "CanarySize"
                       : policy.kind == PolicyKind::kLinear ? "LinearStepSize"
                                                            : "MaximumBatchSize";
  return std::string("The deployment's ") + member + " of " + std::to_string(policy.size.value) +
         " instances is more than 50 % of the " + std::to_string(count) +
         " instances of the variant. Use a smaller count, or the type CAPACITY_PERCENT.";
}

bool Baked(const Rollout& rollout, MonotonicTime now) {
  return rollout.baking_since && now >= *rollout.baking_since + rollout.policy.wait;
}

int StepBack(const Journal& journal) {
  const Rollout& rollout = *journal.rollout;
  const double steps = static_cast<double>(ShiftSteps(rollout.policy, *journal.coming).size());
  const int batches = static_cast<int>(std::ceil(PartOf(rollout.policy.rollback_size, *journal.serving) * steps));
  return std::max(0, rollout.step - std::max(1, batches));
}

Places PlacesOf(const Journal& journal, const Fleet& fleet, const VariantSpec& variant, MonotonicTime now) {
  const int count = variant.count;
  const bool green = journal.coming && journal.coming->id == fleet.id;
  const bool blue = journal.serving && journal.serving->id == fleet.id;
  if (!green && !blue) return {};
  const bool rolling = journal.rollout && journal.serving && journal.rollout->policy.kind == PolicyKind::kRolling;
  if (!rolling) return {count, count};
  const Rollout& rollout = *journal.rollout;
  const int steps = static_cast<int>(ShiftSteps(rollout.policy, *journal.coming).size()), step = rollout.step;
  const bool forward = rollout.way == Rollout::Way::kForward, baked = forward && Baked(rollout, now);
  if (green) {
    const int next = forward && (step == 0 || baked) ? std::min(step + 1, steps) : step;
    return {Portion(count, next, steps), Portion(count, step, steps)};
  }
  const int routed = Portion(count, steps - step, steps);
  if (!forward) {
    return {Portion(count, steps - StepBack(journal), steps), routed};
  }
  return {baked && step < steps ? routed : Portion(count, steps - std::max(0, step - 1), steps), routed};
}

std::vector<TrafficEntry> TrafficOf(const Journal& journal, MonotonicTime now) {
  std::vector<TrafficEntry> entries;
  if (!journal.serving) return entries;
  const bool moving = journal.rollout && journal.coming && journal.rollout->step > 0;
  if (!moving) {
    AddFleet(journal, *journal.serving, 1, false, now, entries);
    return entries;
  }
  const auto steps = ShiftSteps(journal.rollout->policy, *journal.coming);
  const std::size_t at = std::min(static_cast<std::size_t>(journal.rollout->step), steps.size()) - 1;
  AddFleet(journal, *journal.serving, 1 - steps[at], true, now, entries);
  AddFleet(journal, *journal.coming, steps[at], true, now, entries);
  return entries;
}

}  // namespace smhost
