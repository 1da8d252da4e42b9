// Errors as S3 says them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/api_error.h"
#include "api/exchange.h"
#include "api/store_error.h"

namespace smhost {

// The status is the one that S3 gives that code. Source of codes and statuses: Amazon S3 API Reference, "Error
// Responses".
tl::unexpected<ApiError> S3Fail(std::string_view code, std::string message);
// An error of the object store. `not_found`: what the store's kNotFound means here, e.g. "NoSuchKey".
tl::unexpected<ApiError> S3FailOf(const Error& error, std::string_view not_found);

// <Error><Code>…: for S3's own errors, and for refusals by signature on requests to it.
ApiAnswer S3ErrorAnswer(const ApiError& error, const std::string& resource, const std::string& request_id);

// SMHOST_S3_TRY(auto x, Call(), "NoSuchKey"): as SMHOST_TRY, from a Result within a function of ApiResult.
#define SMHOST_S3_TRY(declaration, call, not_found)                                                                \
  auto SMHOST_CONCAT(try_, __LINE__) = (call);                                                                     \
  if (!SMHOST_CONCAT(try_, __LINE__)) return ::smhost::S3FailOf(SMHOST_CONCAT(try_, __LINE__).error(), not_found); \
  declaration = std::move(*SMHOST_CONCAT(try_, __LINE__))
#define SMHOST_S3_TRY_STATUS(call, not_found)                                                   \
  do {                                                                                          \
    if (auto status_ = (call); !status_) return ::smhost::S3FailOf(status_.error(), not_found); \
  } while (false)

}  // namespace smhost
