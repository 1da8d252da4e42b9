#include "api/store_error.h"

namespace smhost {

ApiError ApiErrorOf(const Error& error) {
  switch (error.code) {
    case Code::kConflict:
      if (error.resource.empty()) return {"ThrottlingException", error.message, 400, {}};  // the account's lock
      return {"ValidationException", error.message, 400, {}};
    case Code::kInvalid:
    case Code::kNotFound:
    case Code::kTooLarge:
    case Code::kUnsupported: return {"ValidationException", error.message, 400, {}};
    case Code::kDenied: return {"AccessDeniedException", error.message, 400, {}};
    case Code::kUnavailable:
    case Code::kTimedOut: return {"ServiceUnavailable", error.message, 503, {}};
    case Code::kCorrupt:
    case Code::kNewerFormat:
    case Code::kInternal: break;
  }
  return {"InternalFailure", error.message, 500, {}};
}

}  // namespace smhost
