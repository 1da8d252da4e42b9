// The operations on what is there: UpdateEndpoint, UpdateEndpointWeightsAndCapacities and the three deletions. An endpoint that
// is not at rest refuses them, as at AWS; DeleteModel and DeleteEndpointConfig do not ask who uses what they delete.
#pragma once

#include "api/sagemaker_request.h"

namespace smhost::sagemaker {

ApiResult<Json> UpdateEndpoint(const SagemakerRequest& request);
ApiResult<Json> UpdateEndpointWeightsAndCapacities(const SagemakerRequest& request);

ApiResult<Json> DeleteModel(const SagemakerRequest& request);
ApiResult<Json> DeleteEndpointConfig(const SagemakerRequest& request);
ApiResult<Json> DeleteEndpoint(const SagemakerRequest& request);

}  // namespace smhost::sagemaker
