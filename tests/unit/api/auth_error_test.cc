#include "api/auth_error.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

struct Row {
  SignatureFault fault;
  const char *json, *query, *s3;
  int query_status, s3_status;
};

TEST_CASE("each fault has the code and status of its kind of service") {
  const Row rows[] = {
      {SignatureFault::kMissing, "MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied", 403, 403},
      {SignatureFault::kMalformed, "IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed", 400, 400},
      {SignatureFault::kUnknownKey, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", 403, 403},
      {SignatureFault::kExpiredToken, "ExpiredTokenException", "ExpiredToken", "ExpiredToken", 403, 400},
      {SignatureFault::kExpired, "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", 403, 403},
      {SignatureFault::kWrong, "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch", 403, 403},
      {SignatureFault::kHeaderNotSigned, "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied", 403, 403},
      {SignatureFault::kOtherBody, "InvalidSignatureException", "SignatureDoesNotMatch", "XAmzContentSHA256Mismatch", 403, 400},
  };
  for (const Row& row : rows) {
    SignatureFailure failure{row.fault, "the text"};
    auto json = AuthErrorOf(failure, ServiceForm::kJson), runtime = AuthErrorOf(failure, ServiceForm::kRuntime);
    CHECK(json.code == row.json);
    CHECK(json.status == 400);
    CHECK(json.message == "the text");
    CHECK(runtime.code == row.json);
    CHECK(runtime.status == 403);
    auto query = AuthErrorOf(failure, ServiceForm::kQuery), s3 = AuthErrorOf(failure, ServiceForm::kS3);
    CHECK(query.code == row.query);
    CHECK(query.status == row.query_status);
    CHECK(s3.code == row.s3);
    CHECK(s3.status == row.s3_status);
  }
}

TEST_CASE("a presigned address that is over is denied by S3, and one that cannot be read names its query") {
  CHECK(AuthErrorOf({SignatureFault::kExpired, "x", true}, ServiceForm::kS3).code == "AccessDenied");
  CHECK(AuthErrorOf({SignatureFault::kExpired, "x", true}, ServiceForm::kS3).message == "Request has expired");
  CHECK(AuthErrorOf({SignatureFault::kMalformed, "x", true}, ServiceForm::kS3).code == "AuthorizationQueryParametersError");
}

TEST_CASE("what a policy denies is 400 for JSON and 403 elsewhere") {
  ApiError denied{"AccessDeniedException", "User: x is not authorized", 400, {}};
  CHECK(DeniedAt(denied, ServiceForm::kJson).status == 400);
  CHECK(DeniedAt(denied, ServiceForm::kRuntime).status == 403);
  CHECK(DeniedAt(denied, ServiceForm::kRuntime).code == "AccessDeniedException");
  CHECK(DeniedAt(denied, ServiceForm::kQuery).code == "AccessDenied");
  CHECK(DeniedAt(denied, ServiceForm::kS3).status == 403);
}

}  // namespace
}  // namespace smhost
