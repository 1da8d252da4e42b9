// What to do next for one endpoint: snapshots in, one action out. Pure: no I/O, no clock, no memory of earlier calls.
// The reconciler observes, asks, executes, and asks again until the answer is kNothing.
//
// Blue serves, green is coming. When green is ready and has passed its golden sets, traffic moves to it in the steps of the
// deployment's policy, each acknowledged by the gateway and baked; then blue drains and ends.
// Invariants, tested over random histories:
//  - an instance is drained only after the gateway took routes without it;
//  - a green that fails before it got traffic never touches blue; later, all traffic goes back to blue;
//  - there is never less in the routes than blue had;
//  - nothing is started for an endpoint that nobody wants any more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "planning/golden.h"
#include "planning/instance_state.h"
#include "planning/journal.h"

namespace smhost {

// What somebody wants; `fleet` without digests, but for artifacts that are to be restored. Or what stands in the way of composing it.
struct Desired {
  std::string endpoint_uid;
  std::uint64_t endpoint_generation = 0;
  Fleet fleet;
  std::string problem;  // e.g. a model that was deleted; empty: none. With it, fleet.revision alone is valid
  DeploymentPolicy policy;
  std::string deployment_config;  // that the policy was read from, as JSON; empty: none
  std::string abort;              // id of a coming fleet whose deployment is to end
  std::string restore;            // id of the wish for the fleet's digests, which counts until the journal has it
};

// Is there a wish to restore artifacts that was not looked after yet?
bool RestoreIsOpen(const Desired& desired, const Journal& journal);

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

// The instance that counts in that place, if any: others in it are ending, or should (a controller that died may have left
// two).
const ObservedInstance* HolderOf(const Slot& slot, const std::vector<ObservedInstance>& instances);

struct Observed {
  std::vector<ObservedInstance> instances;
  std::map<std::string, ObservedTemplate> templates;             // by TemplateKey
  std::map<std::string, ObservedFetch> fetches;                  // by artifact URL, for the coming fleet
  std::map<std::string, ObservedGolden> goldens;                 // by variant, of the coming fleet
  std::set<std::string> snapshots;                               // digests that are unpacked
  std::set<std::string> golden_snapshots;                        // those of them that bring a golden set along
  std::map<Slot, SlotHistory> slots;
  std::set<std::string> alarming;      // alarms in the state ALARM
  bool routes_current = false;         // the gateway has taken routes made of this very journal and these instances
  std::set<std::string> owing;         // instances, no longer routed to, that owe an answer
};

struct Action {
  enum class Kind {
    kNothing,
    // --- the deployment; these change the journal (planning/journal_step)
    kBegin,            // coming = desired (a journal of an older endpoint of that name counts as blue)
    kPin,              // variant: digest is known
    kShift,            // the next step's traffic goes to coming
    kBake,             // the gateway has taken it
    kFinish,           // serving = coming; what served leaves
    kMarkPublished,
    kFail,             // coming leaves, all traffic is blue's; failure = {…, reason}
    kTurnBack,         // a rolling update returns batch by batch: reason
    kShiftBack,        // one batch's traffic goes back to blue
    kRolledBack,       // it is back: coming leaves
    kStuck,            // it cannot come back: reason
    kAbandon,          // coming leaves: the wish changed before it was done
    kSettle,           // the gateway knows that traffic is back
    kResize,           // serving gets other weights and counts
    kResized,          // … and has them
    kRevertSize,       // … or cannot: reason
    kClearFailure,     // the wish went back to what serves
    kRestored,         // the artifacts that are to be restored are there already
    kRetire,           // all leaves: nobody wants the endpoint
    kForgetFleet,      // fleet has no instance left
    // --- the world
    kFetch,            // variant
    kStartTemplate,    // variant
    kStartInstance,    // fleet, variant, index
    kRunGolden,        // variant, instance
    kDrainInstance,    // instance: routes are without it from now on
    kStopInstance,     // instance: SIGTERM
    kKillInstance,     // instance: SIGKILL
    kForgetInstance,   // instance is dead: clear its record away
    kForgetEndpoint,   // nothing is left of it
  };
  Kind kind = Kind::kNothing;
  std::string fleet, variant, instance, digest, reason;
  int index = 0;
  std::optional<MonotonicTime> look_again;  // of kNothing: the time alone may change the answer then
};

// Times that the plan keeps.
struct PlanLimits {
  Duration stop_grace, drain_longest;
};

Action NextAction(const std::optional<Desired>& desired, const Journal& journal, const Observed& observed,
                  const PlanLimits& limits, MonotonicTime now);

}  // namespace smhost
