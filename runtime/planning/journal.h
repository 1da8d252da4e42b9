// The durable memory of an endpoint's deployments: which fleets there are, how far traffic has moved. Written before what it
// says is done, so that whoever reads it after a crash goes on where it stopped. Pure values; what changes them is
// planning/journal_step.
//
//     serving ── 100 % ──► step 1 … step K: traffic moves to `coming`, baking after each ──► serving = coming, the old one leaves
//                             └── a failure, an alarm, an abort: all traffic returns, coming leaves (rolling: batch by batch)
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "planning/fleet.h"
#include "resources/deployment_policy.h"

namespace smhost {

// How far the deployment of `coming` is.
struct Rollout {
  enum class Way {
    kForward,
    kBack,   // a rolling update returns, batch by batch
    kStuck,  // it could not return either: both fleets serve (UpdateRollbackFailed)
  };
  DeploymentPolicy policy;
  Way way = Way::kForward;
  int step = 0;                               // so many of its steps have their traffic on `coming`
  std::optional<MonotonicTime> baking_since;  // the gateway had taken the routes of that step; none: not yet
  MonotonicTime began{};
  std::string reason;                         // of kBack and kStuck
  bool operator==(const Rollout&) const = default;
};

// A fleet on its way out.
struct Leaving {
  Fleet fleet;
  std::optional<MonotonicTime> keep_until;  // its instances stay, unrouted, until then (TerminationWaitInSeconds)
  bool operator==(const Leaving&) const = default;
};

struct Failure {
  std::string revision;                   // not tried again …
  std::uint64_t endpoint_generation = 0;  // … until either changes
  std::string reason;
  bool operator==(const Failure&) const = default;
};

struct Journal {
  std::string endpoint_uid;
  std::uint64_t endpoint_generation = 0;  // of the resource that `coming` or `serving` was made for
  std::optional<Fleet> serving, coming;
  std::optional<Rollout> rollout;         // there while `coming` is
  std::optional<Fleet> resized_from;      // `serving` is being given other weights and counts; it was this
  std::vector<Leaving> leaving;
  std::optional<Failure> failure;
  bool published = false;                 // the gateway has taken routes to `serving` at least once
  bool returning = false;                 // traffic was brought back; the gateway has not said yet that it knows
  std::string deployment_config;          // that was used last, as JSON; empty: none
  std::string restored;                   // id of the newest wish to restore artifacts that was looked after
  bool operator==(const Journal&) const = default;
};

std::vector<const Fleet*> FleetsOf(const Journal& journal);

}  // namespace smhost
