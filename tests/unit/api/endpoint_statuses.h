// An endpoint's document and statuses of it, for tests of what is made of them.
#pragma once

#include <string>

#include "api/endpoint_state.h"

namespace smhost {

inline constexpr const char* kMade = "2026-01-31T12:00:00.000Z";

inline Resource StatedEndpoint() {
  Resource resource;
  resource.kind = Kind::kEndpoint;
  resource.name = "vad";
  resource.generation = 2;
  resource.creation_time = kMade;
  resource.last_modified_time = kMade;
  resource.properties = {{"EndpointName", "vad"}, {"EndpointConfigName", "c"}};
  return resource;
}

inline const Generations kWanted{2, 5, {{"m", 7}}};

inline Json StatusDocument(const std::string& word, int endpoint = 2, int config = 5, int model = 7) {
  return {{"EndpointName", "vad"},
          {"EndpointStatus", word},
          {"CreationTime", kMade},
          {"Smhost",
           {{"Stage", "Starting"},
            {"ObservedGenerations", {{"endpoint", endpoint}, {"endpoint-config", config}, {"models", {{"m", model}}}}},
            {"Instances",
             {{{"Id", "i-1"}, {"Variant", "v"}, {"Index", 0}, {"State", "Ready"}, {"Pid", 42}, {"Restarts", 1}}}}}}};
}

inline EndpointState Running(const Json& status) { return ComposeEndpointState(StatedEndpoint(), kWanted, status, true); }

}  // namespace smhost
