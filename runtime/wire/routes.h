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

struct RouteVariant {
  std::string name;
  double weight = 1.0;
  std::string digest;  // of the model it serves: X-Smhost-Model-Digest
  std::vector<RouteInstance> instances;  // ready ones; empty while the last one is being replaced: requests wait
  bool operator==(const RouteVariant&) const = default;
};

struct RouteEndpoint {
  std::string account, name;
  std::string status;  // AWS's word. Requests pass where it is InService, Updating, SystemUpdating, RollingBack or UpdateRollbackFailed
  std::vector<RouteVariant> variants;
  bool operator==(const RouteEndpoint&) const = default;
};

struct RouteTable {
  std::uint64_t generation = 0;
  std::vector<RouteEndpoint> endpoints;
};

std::string EncodeRoutes(const RouteTable& table);
Result<RouteTable> DecodeRoutes(const std::string& text);

}  // namespace smhost
