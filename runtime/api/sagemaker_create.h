// CreateModel, CreateEndpointConfig, CreateEndpoint. What they store is what `smhost apply` of the same properties would
// store, so either may go on with what the other made. Durable when they return; nothing is waited for.
#pragma once

#include "api/sagemaker_request.h"

namespace smhost::sagemaker {

ApiResult<Json> CreateModel(const SagemakerRequest& request);
ApiResult<Json> CreateEndpointConfig(const SagemakerRequest& request);
ApiResult<Json> CreateEndpoint(const SagemakerRequest& request);

}  // namespace smhost::sagemaker
