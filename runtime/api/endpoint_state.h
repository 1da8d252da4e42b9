// An endpoint as it is: its document and the controller's status put together, and whether that status speaks of what
// is wanted now. The command line and the operations of this folder use it, each on its own thread with a store of its
// own. Reads; changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "resources/kind.h"
#include "state/store.h"

namespace smhost {

// The generations of all that an endpoint is composed of.
struct Generations {
  std::uint64_t endpoint = 0, config = 0;
  std::map<std::string, std::uint64_t> models;
};

struct InstanceLine {
  std::string id, variant, state, digest;
  int index = 0, restarts = 0;
  std::int64_t pid = 0;
};

struct EndpointState {
  bool exists = false;    // a document or a status
  bool wanted = false;    // a document: it is not on its way out
  bool observed = false;  // the status speaks of the generations that are wanted
  std::string status;     // AWS's word; what a client should see
  std::string reason;     // FailureReason
  std::string stage;      // what the controller is at
  std::vector<InstanceLine> instances;
  Json describe;  // what DescribeEndpoint returns, times as ISO 8601, with our member "Smhost"
};

// What a status says, given the document and the generations wanted. Pure. `running`: a runtime is there to make it
// true.
EndpointState ComposeEndpointState(const std::optional<Resource>& document, const Generations& wanted,
                                   const std::optional<Json>& status, bool running);

Generations GenerationsOf(Store& store, const std::string& account, const Resource& endpoint);
// kNotFound (AWS's words) where there is neither document nor status.
Result<EndpointState> ReadEndpointState(Store& store, const std::string& account, const std::string& name,
                                        bool running);

// The words that EndpointStatus can be.
const std::vector<std::string>& EndpointStatuses();

}  // namespace smhost
