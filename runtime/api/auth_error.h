// How a refusal for who asks looks at each kind of service: status, code and text. Pure; any thread.
#pragma once

#include "api/api_error.h"
#include "api/sigv4.h"

namespace smhost {

enum class ServiceForm {
  kJson,     // JSON 1.0 and 1.1, CBOR: sagemaker, monitoring, …
  kRuntime,  // rest-json: invocations
  kQuery,    // sts, cloudformation, monitoring by form
  kS3,
};

ApiError AuthErrorOf(const SignatureFailure& failure, ServiceForm form);

// What Authorize (api/policy.h) answered, as that kind of service says it.
ApiError DeniedAt(ApiError denied, ServiceForm form);

}  // namespace smhost
