// run/routes.json: where requests go. Written whole by the controller (temp, rename), read by the gateway at start and
// whenever the controller says that a generation is ready. Absent: no endpoint yet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace smhost {

struct RouteInstance {
  std::string id;  // its socket is run/instances/<id>.sock
  bool operator==(const RouteInstance&) const = default;
};

// One variant of one fleet. While traffic moves from one fleet to another, both fleets' variants stand here, side by side
// and often under one name.
struct RouteVariant {
  std::string name;
  std::string fleet;          // its id: what belongs together when a call has to find another variant, and for shadows
  std::string config;         // its endpoint configuration: a dimension of the counters while `deploying`
  double weight = 1.0;        // among all that are no shadows: of the requests that name no variant
  double share = 1.0;         // among those of its name: of the requests that name it
  std::string digest;         // of the model it serves: X-Smhost-Model-Digest
  bool replay = true;         // a request that an instance's death cut off may run once more
  bool shadow = false;        // gets copies of the requests to its fleet's other variants; never answers a caller
  double sampling = 0;        // of a shadow: the part of those requests that is copied, 0 to 1
  std::vector<RouteInstance> instances;  // ready ones; empty while the last one is being replaced: requests wait
  bool operator==(const RouteVariant&) const = default;
};

struct RouteEndpoint {
  std::string account, name;
  std::string status;  // AWS's word. Requests pass where it is InService, Updating, SystemUpdating, RollingBack or UpdateRollbackFailed
  bool deploying = false;  // traffic moves between fleets: counters are kept per configuration too
  std::vector<RouteVariant> variants;
  bool operator==(const RouteEndpoint&) const = default;
};

// A path on which an endpoint is reached without AWS keys.
struct PublicRoute {
  std::string account, name;
  std::string path;  // no two have one
  std::string endpoint, variant;
  bool open = false;                     // no key is asked for
  std::vector<std::string> key_digests;  // SHA-256 of the keys, in hex
  double per_second = 1;
  int burst = 1;
  std::vector<std::string> origins, content_types;
  std::uint64_t most_body_bytes = 0;
  bool operator==(const PublicRoute&) const = default;
};

struct RouteTable {
  std::uint64_t generation = 0;
  std::vector<RouteEndpoint> endpoints;
  std::vector<PublicRoute> public_routes;
};

std::string EncodeRoutes(const RouteTable& table);
Result<RouteTable> DecodeRoutes(const std::string& text);

}  // namespace smhost
