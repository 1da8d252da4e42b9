#include "api/s3_errors.h"

#include <algorithm>
#include <array>

#include "api/s3_xml.h"

namespace smhost {
namespace {

struct CodeStatus {
  std::string_view code;
  int status;
};
// The rest is 400.
constexpr std::array kStatuses = {
    CodeStatus{"AccessDenied", 403},
    CodeStatus{"BucketAlreadyExists", 409},
    CodeStatus{"BucketAlreadyOwnedByYou", 409},
    CodeStatus{"BucketNotEmpty", 409},
    CodeStatus{"InternalError", 500},
    CodeStatus{"InvalidRange", 416},
    CodeStatus{"MethodNotAllowed", 405},
    CodeStatus{"MissingContentLength", 411},
    CodeStatus{"NoSuchBucket", 404},
    CodeStatus{"NoSuchKey", 404},
    CodeStatus{"NoSuchUpload", 404},
    CodeStatus{"NotImplemented", 501},
    CodeStatus{"PreconditionFailed", 412},
    CodeStatus{"ServiceUnavailable", 503},
    CodeStatus{"SignatureDoesNotMatch", 403},
    CodeStatus{"SlowDown", 503},
    CodeStatus{"OperationAborted", 409},
};

// AWS's words, which clients look for.
std::string NotFoundText(std::string_view code, const std::string& otherwise) {
  if (code == "NoSuchKey") return "The specified key does not exist.";
  if (code == "NoSuchBucket") return "The specified bucket does not exist";
  if (code == "NoSuchUpload")
    return "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
           "completed.";
  return otherwise;
}

}  // namespace

tl::unexpected<ApiError> S3Fail(std::string_view code, std::string message) {
  auto found = std::find_if(kStatuses.begin(), kStatuses.end(), [&](const auto& entry) { return entry.code == code; });
  return ApiFail(std::string(code), std::move(message), found == kStatuses.end() ? 400 : found->status);
}

tl::unexpected<ApiError> S3FailOf(const Error& error, std::string_view not_found) {
  switch (error.code) {
    case Code::kNotFound:
      return S3Fail(not_found, NotFoundText(not_found, error.message));
    case Code::kInvalid:
    case Code::kConflict:
      return S3Fail("InvalidArgument", error.message);  // a key that can be no file here
    case Code::kDenied:
      return S3Fail("PreconditionFailed", error.message);
    case Code::kTooLarge:
      return S3Fail("EntityTooLarge", error.message);
    case Code::kUnsupported:
      return S3Fail("NotImplemented", error.message);
    case Code::kUnavailable:
    case Code::kTimedOut:
      return S3Fail("ServiceUnavailable", error.message);
    case Code::kCorrupt:
    case Code::kNewerFormat:
    case Code::kInternal:
      break;
  }
  return S3Fail("InternalError", error.message);
}

ApiAnswer S3ErrorAnswer(const ApiError& error, const std::string& resource, const std::string& request_id) {
  S3Document document("Error", false);
  document.Add("Code", error.code);
  document.Add("Message", error.message);
  if (error.members.is_object())
    for (const auto& [name, value] : error.members.items())
      if (value.is_string()) document.Add(name, value.get<std::string>());
  document.Add("Resource", resource);
  document.Add("RequestId", request_id);
  return {error.status, kS3XmlType, {{"x-amz-request-id", request_id}}, document.Text()};
}

}  // namespace smhost
