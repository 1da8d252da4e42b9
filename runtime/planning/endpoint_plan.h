// What to do next for one endpoint: snapshots in, one action out. Pure: no I/O, no clock, no memory of earlier calls.
// The controller observes, asks, executes, and asks again until the answer is kNothing.
//
// A fleet is the set of instances of one revision of an endpoint. Blue serves, green is coming; when every instance of
// green is ready the journal's entry moves (kPublish), routes follow, and blue drains and ends.
// Invariants, tested over random histories:
//  - blue is drained only after the gateway took routes that name green;
//  - a failed green never touches blue;
//  - nothing is started for an endpoint that nobody wants any more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "planning/instance_state.h"

namespace smhost {

// One production variant, complete: composed of the endpoint configuration, the model and the instance type.
struct VariantSpec {
  std::string name, model, artifact_url;
  std::map<std::string, std::string> environment;
  std::string image, instance_type;
  double weight = 1.0;
  int count = 1;
  int threads = 1;
  std::uint64_t memory_bytes = 0, volume_bytes = 0;
  std::chrono::seconds startup_timeout{480}, download_timeout{3600};
  std::string digest;  // of its snapshot, "sha256:…": empty until fetched, then pinned for the fleet's life
  bool operator==(const VariantSpec&) const = default;
};

struct Fleet {
  std::string id;           // "f-" + revision's first digits + generation: unique within the endpoint
  std::string revision;     // digest of everything in it but `id` and the digests of snapshots
  std::string config_name;
  std::vector<VariantSpec> variants;
  bool operator==(const Fleet&) const = default;
};

struct Failure {
  std::string revision;                 // not tried again …
  std::uint64_t endpoint_generation = 0;  // … until either changes
  std::string reason;
  bool operator==(const Failure&) const = default;
};

// The durable memory of an endpoint's deployments.
struct Journal {
  std::string endpoint_uid;
  std::uint64_t endpoint_generation = 0;  // of the resource that `coming` or `serving` was made for
  std::optional<Fleet> serving, coming;
  std::vector<Fleet> leaving;
  std::optional<Failure> failure;
  bool published = false;  // the gateway has taken routes to `serving` at least once
  bool operator==(const Journal&) const = default;
};

// What somebody wants; `fleet` without digests. Or what stands in the way of composing it.
struct Desired {
  std::string endpoint_uid;
  std::uint64_t endpoint_generation = 0;
  Fleet fleet;
  std::string problem;  // e.g. a model that was deleted; empty: none. With it, fleet.revision alone is valid
};

struct ObservedInstance {
  std::string id, fleet, variant;
  int index = 0;
  InstanceState state = InstanceState::kStarting;
  MonotonicTime since{};       // when it came into this state
  MonotonicTime started{};
  std::string reason;          // of kBroken
};

struct ObservedTemplate {
  enum class State { kLoading, kReady, kFailed } state = State::kLoading;
  std::string error;
};

struct ObservedFetch {
  enum class State { kRunning, kDone, kFailed } state = State::kRunning;
  std::string digest;  // of kDone
  std::string error;   // of kFailed: all tries are used up
  std::string shown_url;  // without what may be secret in it
};

// A place in a fleet: variant and index. How its instances have died, if any did.
struct SlotHistory {
  std::optional<MonotonicTime> next_start;  // not before
  bool gave_up = false;                     // start limit reached
  std::string last_reason;
};

struct Slot {
  std::string fleet, variant;
  int index = 0;
  auto operator<=>(const Slot&) const = default;
};

struct Observed {
  std::vector<ObservedInstance> instances;
  std::map<std::string, ObservedTemplate> templates;             // by TemplateKey
  std::map<std::string, ObservedFetch> fetches;                  // by artifact URL, for the coming fleet
  std::set<std::string> snapshots;                               // digests that are unpacked
  std::map<Slot, SlotHistory> slots;
  bool routes_current = false;         // the gateway has taken routes made of this very journal and these instances
  std::set<std::string> owing;         // instances, no longer routed to, that owe an answer
};

struct Action {
  enum class Kind {
    kNothing,
    kBegin,            // coming = desired (a journal of an older endpoint of that name counts as blue)
    kFetch,            // variant
    kPin,              // variant: digest is known
    kStartTemplate,    // variant
    kStartInstance,    // fleet, variant, index
    kPublish,          // leaving += serving; serving = coming
    kMarkPublished,
    kClearFailure,     // the wish went back to what serves
    kFail,             // leaving += coming; failure = {…, reason}
    kAbandon,          // leaving += coming: the wish changed before it was there
    kRetire,           // leaving += serving and coming: nobody wants the endpoint
    kDrainInstance,    // instance: routes are without it from now on
    kStopInstance,     // instance: SIGTERM
    kKillInstance,     // instance: SIGKILL
    kForgetInstance,   // instance is dead: clear its record away
    kForgetFleet,      // fleet has no instance left
    kForgetEndpoint,   // nothing is left of it
  };
  Kind kind = Kind::kNothing;
  std::string fleet, variant, instance, digest, reason;
  int index = 0;
  std::optional<MonotonicTime> look_again;  // of kNothing: the time alone may change the answer then
};

// The settings that matter to a loaded model: variants with equal keys share a template and so their weights.
std::string TemplateKey(const VariantSpec& variant);

// Times that the plan keeps.
struct PlanLimits {
  Duration stop_grace, drain_longest;
};

Action NextAction(const std::optional<Desired>& desired, const Journal& journal, const Observed& observed,
                  const PlanLimits& limits, MonotonicTime now);

// AWS's word for the endpoint as it stands, and why, where it failed.
struct EndpointCondition {
  std::string status, failure_reason;
};
EndpointCondition ConditionOf(bool wanted, const Journal& journal, const std::map<Slot, SlotHistory>& slots);

}  // namespace smhost
