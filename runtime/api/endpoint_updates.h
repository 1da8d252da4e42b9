// The operations on an endpoint that is there: UpdateEndpoint, UpdateEndpointWeightsAndCapacities, the end of a deployment,
// the way back to an earlier one. They refuse what AWS refuses, in its words, and write durably what is wanted; the
// controller makes it true. The command line and the AWS API call them, each with a store of its own on one thread.
// Nothing here waits for what was asked to become true.
//
// Codes: kNotFound; kConflict: the endpoint is not in a state for it, or somebody else changed it meanwhile; kInvalid: the
// request breaks a rule. Where one is returned, nothing was written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "resources/kind.h"
#include "state/store.h"

namespace smhost {

struct UpdateEndpointRequest {
  std::string endpoint, config;
  bool retain_all = false;            // RetainAllVariantProperties
  std::vector<std::string> exclude;   // VariantPropertyType words of ExcludeRetainedVariantProperties
  Json deployment_config;             // null: none, so all at once
  bool retain_deployment_config = false;
};

// The endpoint as it is stored then.
Result<Resource> UpdateEndpoint(Store& store, const std::string& account, const UpdateEndpointRequest& request);

// One of DesiredWeightsAndCapacities; what is left out stays as it is.
struct DesiredSize {
  std::string variant;
  std::optional<double> weight;
  std::optional<int> count;
};

Result<Resource> UpdateEndpointWeightsAndCapacities(Store& store, const std::string& account, const std::string& endpoint,
                                                    const std::vector<DesiredSize>& sizes);

// All traffic goes back to the fleet before. The id of the deployment that is to end.
Result<std::string> AbortDeployment(Store& store, const std::string& account, const std::string& endpoint);

struct UndoneRollout {
  std::int64_t revision = 0;                 // that the documents are of now
  std::string config;                        // its endpoint configuration
  std::vector<Outcome> outcomes;
  std::vector<std::string> other_endpoints;  // that use a document which this changed
};

// The documents of an earlier revision are applied again, all or none; the endpoint keeps its present DeploymentConfig, so
// the way back is as careful as the way there, and all keep their tags. Without a number: of the newest revision that succeeded and whose documents
// are not those of now.
Result<UndoneRollout> UndoRollout(Store& store, const std::string& account, const std::string& endpoint,
                                  std::optional<int> to_revision = std::nullopt);

// What was deployed, oldest first (controller/revisions writes it); an empty array where nothing was yet. kNotFound where
// there is no such endpoint.
Result<Json> RolloutHistory(Store& store, const std::string& account, const std::string& endpoint);

}  // namespace smhost
