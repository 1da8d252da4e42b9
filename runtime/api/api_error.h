// What an AWS operation answers instead of its output. How it looks on the wire is the protocol's business. A value; any
// thread.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/json.h"
#include "base/result.h"

namespace smhost {

struct ApiError {
  std::string code;     // AWS's word, e.g. "ValidationException"
  std::string message;
  int status = 400;     // HTTP
  Json members;         // null, or an object: what the error's shape has beside the message
};

template <typename T>
using ApiResult = tl::expected<T, ApiError>;

inline tl::unexpected<ApiError> ApiFail(std::string code, std::string message, int status = 400, Json members = {}) {
  return tl::unexpected<ApiError>(ApiError{std::move(code), std::move(message), status, std::move(members)});
}

}  // namespace smhost
