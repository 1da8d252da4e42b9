// What a valid Smhost::PublicRoute means where it is silent, and which of several with one path serves it. Any thread; pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "resources/kind.h"

namespace smhost {

struct PublicRouteView {
  std::string path, endpoint, variant;
  bool open = false;                     // no key is asked for
  std::vector<std::string> key_digests;  // SHA-256, in hex
  double per_second = 0;
  int burst = 0;
  std::vector<std::string> origins, content_types;  // types in lower case; none: all
  std::uint64_t most_body_bytes = 0;
};
PublicRouteView ViewPublicRoute(const std::string& name, const Json& properties);

// A route among those of all accounts of a runtime.
struct OwnedRoute {
  std::string account;
  Resource resource;
};
// By path: the one that serves it, which is the older; of equals the first by account and name.
std::map<std::string, const OwnedRoute*> ServingRoutes(const std::vector<OwnedRoute>& routes);

}  // namespace smhost
