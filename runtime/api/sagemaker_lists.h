// ListModels, ListEndpointConfigs, ListEndpoints: filtered, sorted, in pages. Read only.
//
// Newest first, ten a page, where the request does not say. A page goes on behind the last element of the one before
// (page_token.h), so a deletion or a creation between two pages moves nothing else. A damaged document is left out: the
// runtime reports it as an event.
#pragma once

#include "api/sagemaker_request.h"

namespace smhost::sagemaker {

ApiResult<Json> ListModels(const SagemakerRequest& request);
ApiResult<Json> ListEndpointConfigs(const SagemakerRequest& request);
ApiResult<Json> ListEndpoints(const SagemakerRequest& request);

}  // namespace smhost::sagemaker
