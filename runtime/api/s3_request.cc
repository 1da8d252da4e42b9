#include "api/s3_request.h"

#include "api/auth_error.h"
#include "api/policy.h"
#include "base/utf8.h"

namespace smhost {
namespace {

constexpr std::size_t kKeyBytes = 1024;

}  // namespace

ApiResult<BucketInfo> OwnedBucket(S3Request& request, const std::string& bucket) {
  if (!ParseObjectAddress(ObjectUrl({bucket, ""})))
    return S3Fail("InvalidBucketName", "The specified bucket is not valid.");
  SMHOST_S3_TRY(BucketInfo info, request.store.Bucket(bucket), "NoSuchBucket");
  const std::string* expected = request.head.Find("x-amz-expected-bucket-owner");
  if (info.account != request.caller.account || (expected != nullptr && *expected != info.account))
    return S3Fail("AccessDenied", "Access Denied");
  return info;
}

ApiResult<void> AuthorizeS3(const S3Request& request, const char* action, const std::string& bucket,
                            const std::string& key) {
  std::string arn = bucket.empty() ? "*" : "arn:aws:s3:::" + bucket + (key.empty() ? "" : "/" + key);
  if (auto denied = Authorize(request.caller, action, arn))
    return tl::unexpected<ApiError>(DeniedAt(std::move(*denied), ServiceForm::kS3));
  return {};
}

ApiResult<ObjectAddress> CheckedAddress(const std::string& bucket, const std::string& key) {
  if (key.size() > kKeyBytes) return S3Fail("KeyTooLongError", "Your key is too long");
  if (!IsUtf8(key)) return S3Fail("InvalidArgument", "The key is not UTF-8.");
  SMHOST_S3_TRY(ObjectAddress checked, ParseObjectAddress(ObjectUrl({bucket, key})), "NoSuchKey");
  return checked;
}

Result<OpenedObject> OpenAny(ObjectStore& store, const ObjectAddress& address) {
  auto object = address.key.ends_with('/') ? store.OpenMarker(address) : store.Open(address);
  // Below a file there is nothing.
  if (!object && object.error().code == Code::kConflict) return Fail(Code::kNotFound, object.error().message);
  return object;
}

}  // namespace smhost
