// An endpoint's part of the route table, made of its journal and the instances that are ready. Pure.
#pragma once

#include <map>
#include <vector>

#include "controller/endpoint_key.h"
#include "planning/endpoint_plan.h"
#include "wire/routes.h"

namespace smhost {

RouteEndpoint RouteOf(const EndpointKey& key, const std::string& status, const Journal& journal,
                      const std::vector<ObservedInstance>& instances, MonotonicTime now);

}  // namespace smhost
