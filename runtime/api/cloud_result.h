// What the services of CloudWatch and CloudFormation share in reporting what did not work. Pure; any thread.
#pragma once

#include <utility>

#include "api/api_error.h"

namespace smhost::cloud {

// A failure of the state in an operation's words: kInvalid, kTooLarge and kUnsupported are the caller's, a kConflict is to be
// tried again, all else is ours.
inline tl::unexpected<ApiError> FailWith(const Error& error) {
  switch (error.code) {
    case Code::kInvalid:
    case Code::kTooLarge:
    case Code::kUnsupported:
    case Code::kNotFound:
      return ApiFail("ValidationError", error.message);
    case Code::kConflict:
      return ApiFail("Throttling", error.message);
    default:
      return ApiFail("InternalFailure", error.message, 500);
  }
}

// The value, or this function returns the error.
#define SMHOST_API_TRY(declaration, call)                                                  \
  auto SMHOST_CONCAT(api_try_, __LINE__) = (call);                                         \
  if (!SMHOST_CONCAT(api_try_, __LINE__))                                                  \
    return tl::unexpected<ApiError>(std::move(SMHOST_CONCAT(api_try_, __LINE__)).error()); \
  declaration = std::move(*SMHOST_CONCAT(api_try_, __LINE__))
#define SMHOST_API_CHECK(call) \
  do {                         \
    if (auto refused_ = (call); refused_) return tl::unexpected<ApiError>(std::move(*refused_)); \
  } while (false)

}  // namespace smhost::cloud
