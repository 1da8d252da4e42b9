// What operations asked of an endpoint beside its document: other weights and counts for its variants, the end of a
// deployment, the very artifacts of an earlier one. It lies in the resource's metadata, so a document that is applied again does not lose it. Any thread; pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"

namespace smhost {

// Of one variant, by UpdateEndpointWeightsAndCapacities; a member left out keeps what is there.
struct SizeOverride {
  std::optional<double> weight;
  std::optional<int> count;
};

// Artifacts as an earlier deployment had them, whatever their addresses hold by now. For one deployment, the next: what
// is deployed after it takes its artifacts as they are.
struct Restore {
  std::string id;                              // another for each time that it is asked for; empty: nothing
  std::map<std::string, std::string> digests;  // "sha256:…" by ModelDataUrl
  bool operator==(const Restore&) const = default;
};

struct Steering {
  // The configuration that the sizes were given for: they end with it. An endpoint that retains variant properties keeps
  // what they have made of its fleet.
  std::string config_uid;
  std::uint64_t config_generation = 0;
  std::map<std::string, SizeOverride> sizes;  // by variant
  std::string abort;                          // id of the coming fleet whose deployment is to end; empty: none
  Restore restore;
};

Steering ReadSteering(const Json& json);  // null: nothing
Json SteeringToJson(const Steering& steering);

}  // namespace smhost
