// Which S3 operation a request is. Pure; any thread.
#pragma once

#include "api/s3_request.h"

namespace smhost {

struct S3Operation {
  const char* name = "";
  const char* action = "";  // what the caller must be allowed; empty: the operation asks for each thing it touches
  ApiResult<S3Answer> (*run)(S3Request& request) = nullptr;
};

// NotImplemented, naming the operation; MethodNotAllowed.
ApiResult<S3Operation> FindS3Operation(const HttpHead& head, const S3Target& target);

}  // namespace smhost
