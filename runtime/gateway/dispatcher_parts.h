// What the dispatcher's files share: variants with what waits for them, instances with what they owe. For them alone; all on
// one loop's thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/dispatcher.h"
#include "planning/traffic.h"

namespace smhost {

struct CallQueue {
  std::deque<std::shared_ptr<Call>> calls;
  std::size_t bytes = 0;  // of their bodies

  bool empty() const { return calls.empty(); }
  std::size_t size() const { return calls.size(); }
  void Push(std::shared_ptr<Call> call) {
    bytes += call->body.size();
    calls.push_back(std::move(call));
  }
  std::shared_ptr<Call> Pop() {
    auto call = std::move(calls.front());
    calls.pop_front();
    bytes -= call->body.size();
    return call;
  }
  bool Remove(const std::shared_ptr<Call>& call) {
    auto place = std::find(calls.begin(), calls.end(), call);
    if (place == calls.end()) return false;
    bytes -= call->body.size();
    calls.erase(place);
    return true;
  }
};

// One variant of one fleet.
struct DispatcherVariant : std::enable_shared_from_this<DispatcherVariant> {
  std::string account, endpoint, name, fleet;
  std::string digest;      // what the routes say; an instance knows better
  double share = 0;        // among its name's entries
  bool shadow = false;
  bool replay = true;
  bool routed = false;     // by an endpoint that serves: calls may wait here
  bool quarantine = false; // suspects wait, or an instance is set apart for them
  std::vector<DispatcherInstance*> instances;
  std::vector<DispatcherVariant*> siblings;  // of this name in other fleets, those that have a share: they help out
  std::size_t next = 0;    // where the look for the freest begins, so that equals take turns
  CallQueue queue;
  CallQueue suspects;      // before the queue, and each alone
  CallQueue pinned;        // for one instance each, which has their session
  VariantCounters counters;
  std::shared_ptr<VariantMetrics> metrics;  // one for all fleets: what was counted does not go with a fleet

  // A shadow: `sampling` of the calls to its fleet's other variants is copied to it.
  double sampling = 0, sampled = 0;  // `sampled`: the part of a copy that is due; below 1 after each call
  std::size_t copied_bytes = 0;      // of the copies that wait or are at instances
  std::vector<DispatcherVariant*> shadows;  // of a variant that is none: its fleet's

  bool HasReady() const;
  std::size_t Waiting() const { return queue.size() + pinned.size() + suspects.size(); }
  bool Waits() const { return !queue.empty() || !suspects.empty(); }
  CallQueue& QueueOf(bool suspect) { return suspect ? suspects : queue; }
  std::array<CallQueue*, 3> Queues() { return {&suspects, &pinned, &queue}; }
  DispatcherInstance* Instance(const std::string& id) const;
};

struct DispatcherInstance {
  std::string id;
  std::shared_ptr<InstancePort> port;
  std::shared_ptr<DispatcherVariant> variant;  // null: not routed to any more
  bool ready = false;
  bool reported_busy = false;
  bool silent = false;  // let a call time out and has answered none since: it gets calls only where no other can
  bool apart = false;   // gets suspects, one at a time, and nothing else
  bool in_room = false; // a suspect of ours is there, or it was lost with one and has not come back since
  std::string digest;
  std::uint64_t next_id = 1;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<Call>>> owed;
  std::deque<std::uint64_t> given_up;  // cancelled ids: a late answer is no breach

  bool FreerThan(const DispatcherInstance& other) const {
    return std::pair(silent, owed.size()) < std::pair(other.silent, other.owed.size());
  }
};

inline DispatcherInstance* DispatcherVariant::Instance(const std::string& id) const {
  auto found = std::find_if(instances.begin(), instances.end(), [&](const auto* instance) { return instance->id == id; });
  return found == instances.end() ? nullptr : *found;
}

inline bool DispatcherVariant::HasReady() const {
  return std::any_of(instances.begin(), instances.end(), [](const auto* instance) { return instance->ready; });
}

struct DispatcherEndpoint {
  // The entries of one name, where there are several: calls that name it are split among them by share.
  struct Name {
    std::string name;
    std::vector<std::size_t> entries;
    TrafficSplit split;
  };

  bool serving = false;
  std::vector<std::shared_ptr<DispatcherVariant>> variants;  // as in the routes
  TrafficSplit split;                // of calls that name none; a shadow's weight is 0
  std::vector<Name> names;

  DispatcherVariant* Named(const std::string& name);
};

}  // namespace smhost
