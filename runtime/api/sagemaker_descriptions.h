// Resources as AWS's Describe and List operations return them, times as ISO 8601. The command line shows these too. Pure.
#pragma once

#include <optional>

#include "api/endpoint_state.h"
#include "base/json.h"
#include "resources/kind.h"

namespace smhost {

// DescribeModel, DescribeEndpointConfig: all that was given but the tags, which ListTags has.
Json DescribeJson(const Resource& resource);
// DescribeEndpoint, with our member "Smhost". `config`: the configuration that serves, for what DescribeEndpoint repeats of
// it; none where it was deleted.
Json DescribeJson(const EndpointState& state, const std::optional<Resource>& config);

// One element of what ListModels, ListEndpointConfigs or ListEndpoints returns.
Json ListJson(const Resource& resource);
Json ListJson(const EndpointState& state);

}  // namespace smhost
