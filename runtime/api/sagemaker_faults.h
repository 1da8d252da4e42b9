// What is wrong with a document or a number, as an AWS operation says it. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/api_error.h"
#include "resources/kind.h"

namespace smhost::sagemaker {

// The same rules as `smhost apply`: what AWS refuses, then what this build cannot do, which says so. A ValidationException
// that names members as the operation's input has them; ResourceLimitExceeded for more instances than a variant may have.
std::optional<ApiError> RefuseFaults(const Document& document);

// AWS's text, and what to do. `used`: instances there are now; `more`: that are asked for beside them.
ApiError InstanceLimitExceeded(const std::string& instance_type, std::int64_t used, std::int64_t more);
// The account has as many resources of the kind as it may.
ApiError ResourceLimitExceeded(Kind kind, std::size_t used);

}  // namespace smhost::sagemaker
