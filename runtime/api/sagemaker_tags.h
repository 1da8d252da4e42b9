// AddTags, ListTags, DeleteTags, on the ARNs of models, endpoint configurations and endpoints. Tags lie in the stored
// document as `smhost apply` puts them there; changing them deploys nothing.
#pragma once

#include "api/sagemaker_request.h"

namespace smhost::sagemaker {

// A key that is there already gets the new value. All tags that the resource has then.
ApiResult<Json> AddTags(const SagemakerRequest& request);
// A resource has at most 50 tags and a page holds at least as many, so there is one page: a NextToken is never given.
ApiResult<Json> ListTags(const SagemakerRequest& request);
// Keys that are not there do not matter.
ApiResult<Json> DeleteTags(const SagemakerRequest& request);

}  // namespace smhost::sagemaker
