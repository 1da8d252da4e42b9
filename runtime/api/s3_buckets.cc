#include "api/s3_body.h"
#include "api/s3_headers.h"
#include "api/s3_request.h"
#include "api/s3_xml.h"

namespace smhost {
namespace {

// What a CreateBucket asks for beside the bucket: where. Empty: nothing.
ApiResult<std::string> LocationConstraint(S3Request& request) {
  if (request.exchange.content_length.value_or(0) == 0 && request.head.Get("transfer-encoding").empty())
    return std::string();
  SMHOST_API_TRY(std::string text, ReceiveS3Document(request));
  if (text.empty()) return std::string();
  SMHOST_API_TRY(S3Input input, S3Input::Parse(text, "CreateBucketConfiguration"));
  return std::string(input.root().child("LocationConstraint").text().get());
}

}  // namespace

ApiResult<S3Answer> S3ListBuckets(S3Request& request) {
  SMHOST_S3_TRY(auto names, request.store.Buckets(), "NoSuchBucket");
  S3Document document("ListAllMyBucketsResult");
  S3Element owner = document.Child("Owner");
  owner.Add("ID", request.caller.account);
  S3Element list = document.Child("Buckets");
  std::string prefix = request.target.Get("prefix");
  for (const std::string& name : names) {
    auto bucket = request.store.Bucket(name);
    if (!bucket || bucket->account != request.caller.account || !name.starts_with(prefix)) continue;
    S3Element entry = list.Child("Bucket");
    entry.Add("Name", name);
    entry.Add("CreationDate", FormatIso8601(bucket->created));
    if (request.target.Find("max-buckets") != nullptr) entry.Add("BucketRegion", request.context.region);
  }
  return S3Answer{.xml = document.Text()};
}

ApiResult<S3Answer> S3CreateBucket(S3Request& request) {
  const std::string& name = request.target.bucket;
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  if (!ParseObjectAddress(ObjectUrl({name, ""})))
    return S3Fail("InvalidBucketName", "The specified bucket is not valid.");
  SMHOST_API_TRY(std::string location, LocationConstraint(request));
  if (!location.empty() && location != request.context.region)
    return S3Fail("InvalidLocationConstraint",
                  "The specified location constraint is not valid: the buckets of this runtime are in " +
                      request.context.region + ".");
  auto made = request.store.MakeBucket({name, request.caller.account, request.context.clock.Wall()});
  if (!made && made.error().code == Code::kConflict) {
    auto present = request.store.Bucket(name);
    if (present && present->account == request.caller.account)
      return S3Fail("BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.");
    return S3Fail("BucketAlreadyExists",
                  "The requested bucket name is not available. The bucket namespace is shared by all users of the "
                  "system. Please select a different name and try again.");
  }
  SMHOST_S3_TRY_STATUS(std::move(made), "NoSuchBucket");
  return S3Answer{.headers = {{"Location", "/" + name}}};
}

ApiResult<S3Answer> S3HeadBucket(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  return S3Answer{.headers = {{"x-amz-bucket-region", request.context.region}}};
}

ApiResult<S3Answer> S3DeleteBucket(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  auto removed = request.store.RemoveBucket(bucket.name);
  if (!removed && removed.error().code == Code::kConflict) {
    auto page = request.store.ListPage(bucket.name, {"", "", "", 1});
    bool objects = page && !page->objects.empty();
    return S3Fail("BucketNotEmpty", objects ? "The bucket you tried to delete is not empty" : removed.error().message);
  }
  SMHOST_S3_TRY_STATUS(std::move(removed), "NoSuchBucket");
  SMHOST_S3_TRY(auto uploads, request.uploads.List(bucket.name), "NoSuchUpload");
  for (const UploadInfo& upload : uploads) (void)request.uploads.Remove(upload);
  return S3Answer{.status = 204};
}

ApiResult<S3Answer> S3GetBucketLocation(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  // The first of all regions has no constraint.
  S3Document document("LocationConstraint");
  if (request.context.region != kRegion) document.Say(request.context.region);
  return S3Answer{.xml = document.Text()};
}

ApiResult<S3Answer> S3GetBucketVersioning(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  return S3Answer{.xml = S3Document("VersioningConfiguration").Text()};
}

}  // namespace smhost
