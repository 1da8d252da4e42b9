// The arithmetic of a rollout: its steps, how many instances of each fleet every step needs, which of them get requests,
// and what part. Pure.
//
// Blue/green keeps both fleets whole throughout; a rolling update makes green grow and blue shrink by batches, with never
// less capacity in routes than blue had.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "planning/journal.h"

namespace smhost {

// The part of the traffic that the coming fleet has after each step; the last one is 1. Never empty.
std::vector<double> ShiftSteps(const DeploymentPolicy& policy, const Fleet& coming);

// What makes the policy impossible for this fleet, in one sentence; empty: nothing.
std::string PolicyProblem(const DeploymentPolicy& policy, const Fleet& coming);

// Has the step that the rollout stands at baked?
bool Baked(const Rollout& rollout, MonotonicTime now);

// The step that a rolling update which returns goes to next.
int StepBack(const Journal& journal);

// How many instances (places 0 … n−1) of a variant there should be now, and how many of them get requests.
struct Places {
  int wanted = 0, routed = 0;
};
Places PlacesOf(const Journal& journal, const Fleet& fleet, const VariantSpec& variant, MonotonicTime now);

// One variant of one fleet in the routes.
struct TrafficEntry {
  const Fleet* fleet = nullptr;
  const VariantSpec* variant = nullptr;
  double weight = 0, share = 0, sampling = 0;
  int routed = 0;  // places below get requests
};
// Where requests go by this journal: entries point into it.
std::vector<TrafficEntry> TrafficOf(const Journal& journal, MonotonicTime now);

}  // namespace smhost
