// What the services of CloudWatch and CloudFormation add to api/store_error.h. Pure; any thread.
#pragma once

#include <utility>

#include "api/store_error.h"

namespace smhost {

// A check that gives an error or nothing: the error is returned.
#define SMHOST_API_CHECK(call)                                         \
  do {                                                                 \
    if (auto refused_ = (call); refused_) return ::smhost::ApiFail(std::move(*refused_)); \
  } while (false)

}  // namespace smhost
