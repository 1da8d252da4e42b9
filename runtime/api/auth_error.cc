#include "api/auth_error.h"

#include <utility>

namespace smhost {
namespace {

ApiError Made(int status, std::string code, std::string message) { return {std::move(code), std::move(message), status, {}}; }

// S3 has texts of its own.
ApiError S3Error(const SignatureFailure& failure) {
  switch (failure.fault) {
    case SignatureFault::kMissing:
      return Made(403, "AccessDenied", "Access Denied");
    case SignatureFault::kMalformed:
      return Made(400, failure.presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed", failure.message);
    case SignatureFault::kUnknownKey:
      return Made(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
    case SignatureFault::kExpiredToken:
      return Made(400, "ExpiredToken", "The provided token has expired.");
    case SignatureFault::kExpired:
      if (failure.presigned) return Made(403, "AccessDenied", "Request has expired");
      return Made(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.");
    case SignatureFault::kWrong:
      return Made(403, "SignatureDoesNotMatch",
                  "The request signature we calculated does not match the signature you provided. Check your key and signing method.");
    case SignatureFault::kHeaderNotSigned:
      return Made(403, "AccessDenied", failure.message);
    case SignatureFault::kOtherBody:
      return Made(400, "XAmzContentSHA256Mismatch", failure.message);
  }
  return Made(403, "AccessDenied", "Access Denied");
}

ApiError QueryError(const SignatureFailure& failure) {
  switch (failure.fault) {
    case SignatureFault::kMissing:
      return Made(403, "MissingAuthenticationToken", failure.message);
    case SignatureFault::kMalformed:
      return Made(400, "IncompleteSignature", failure.message);
    case SignatureFault::kUnknownKey:
      return Made(403, "InvalidClientTokenId", failure.message);
    case SignatureFault::kExpiredToken:
      return Made(403, "ExpiredToken", failure.message);
    default:
      return Made(403, "SignatureDoesNotMatch", failure.message);
  }
}

const char* JsonCode(SignatureFault fault) {
  switch (fault) {
    case SignatureFault::kMissing: return "MissingAuthenticationTokenException";
    case SignatureFault::kMalformed: return "IncompleteSignatureException";
    case SignatureFault::kUnknownKey: return "UnrecognizedClientException";
    case SignatureFault::kExpiredToken: return "ExpiredTokenException";
    default: return "InvalidSignatureException";
  }
}

}  // namespace

ApiError AuthErrorOf(const SignatureFailure& failure, ServiceForm form) {
  switch (form) {
    case ServiceForm::kS3: return S3Error(failure);
    case ServiceForm::kQuery: return QueryError(failure);
    case ServiceForm::kRuntime: return Made(403, JsonCode(failure.fault), failure.message);
    case ServiceForm::kJson: break;
  }
  return Made(400, JsonCode(failure.fault), failure.message);
}

ApiError DeniedAt(ApiError denied, ServiceForm form) {
  bool xml = form == ServiceForm::kQuery || form == ServiceForm::kS3;
  if (denied.code == "AccessDeniedException" && xml) denied.code = "AccessDenied";
  denied.status = form == ServiceForm::kJson ? 400 : 403;
  return denied;
}

}  // namespace smhost
