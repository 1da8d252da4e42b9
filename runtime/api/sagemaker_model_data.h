// Whether a model's artifact can be had, as CreateModel asks: objects of the local store and files of this machine are
// looked for; what lies elsewhere is first fetched, and then missed, by the deployment. Opens, reads nothing; any thread.
#pragma once

#include <optional>

#include "api/api_error.h"
#include "api/sagemaker_request.h"

namespace smhost::sagemaker {

// `Could not access model data at s3://…` for the first one that is not there.
std::optional<ApiError> RefuseMissingModelData(const SagemakerRequest& request, const Json& model_properties);

}  // namespace smhost::sagemaker
