// The route table's parts: an endpoint's, made of its journal and the instances that are ready, and the public routes, made of
// their documents. Pure.
#pragma once

#include <map>
#include <vector>

#include "controller/endpoint_key.h"
#include "planning/endpoint_plan.h"
#include "resources/kind.h"
#include "wire/routes.h"

namespace smhost {

RouteEndpoint RouteOf(const EndpointKey& key, const std::string& status, const Journal& journal,
                      const std::vector<ObservedInstance>& instances, MonotonicTime now);

// `found`: by account and name. Of several with one path the one that serves it.
std::vector<PublicRoute> PublicRoutesOf(const std::map<std::string, std::map<std::string, Resource>>& found);

}  // namespace smhost
