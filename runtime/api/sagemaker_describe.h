// DescribeModel, DescribeEndpointConfig, DescribeEndpoint. Read only.
#pragma once

#include "api/sagemaker_request.h"

namespace smhost::sagemaker {

ApiResult<Json> DescribeModel(const SagemakerRequest& request);
ApiResult<Json> DescribeEndpointConfig(const SagemakerRequest& request);
// Its status is what a client should see: Creating and Updating from the moment of the call, whether the controller has
// looked yet or not.
ApiResult<Json> DescribeEndpoint(const SagemakerRequest& request);

// Seconds since 1970 where a member is ISO 8601 text.
void SetSeconds(Json& object, const char* member);

}  // namespace smhost::sagemaker
