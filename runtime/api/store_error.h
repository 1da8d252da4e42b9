// What the state directory answers, in the words of an AWS operation. Pure; any thread.
#pragma once

#include <utility>

#include "api/api_error.h"
#include "base/result.h"

namespace smhost {

// The caller's fault is a ValidationException with the message as it is (AWS has no other code for what is not found or in
// the way); a lock that somebody held too long a ThrottlingException, which clients repeat; the environment's fault a 503;
// what is damaged, and our own mistakes, InternalFailure.
ApiError ApiErrorOf(const Error& error);

inline tl::unexpected<ApiError> ApiFail(const Error& error) { return tl::unexpected<ApiError>(ApiErrorOf(error)); }
inline tl::unexpected<ApiError> ApiFail(ApiError error) { return tl::unexpected<ApiError>(std::move(error)); }

// As SMHOST_TRY, in a function that gives an ApiResult; the call may give a Result or an ApiResult.
#define SMHOST_API_TRY(declaration, call)                                         \
  auto SMHOST_CONCAT(api_try_, __LINE__) = (call);                                \
  if (!SMHOST_CONCAT(api_try_, __LINE__))                                         \
    return ::smhost::ApiFail(std::move(SMHOST_CONCAT(api_try_, __LINE__)).error()); \
  declaration = std::move(*SMHOST_CONCAT(api_try_, __LINE__))
#define SMHOST_API_TRY_STATUS(call)                       \
  do {                                                    \
    if (auto status_ = (call); !status_)                  \
      return ::smhost::ApiFail(std::move(status_).error()); \
  } while (false)

}  // namespace smhost
