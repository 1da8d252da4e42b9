#include "api/s3_body.h"
#include "api/s3_headers.h"
#include "api/s3_request.h"
#include "api/s3_xml.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

// What is not there is removed already.
ApiResult<void> RemoveObject(S3Request& request, const std::string& key, const std::string* if_etag) {
  SMHOST_API_TRY(ObjectAddress address, CheckedAddress(request.target.bucket, key));
  if (if_etag != nullptr && *if_etag != "*") {
    auto present = OpenAny(request.store, address);
    if (present && present->attributes.etag != Unquoted(*if_etag))
      return S3Fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  }
  auto removed = request.store.Remove(address);
  // A folder or file in the way of the key: no such object either.
  if (!removed && removed.error().code != Code::kNotFound && removed.error().code != Code::kConflict)
    return S3FailOf(removed.error(), "NoSuchKey");
  return {};
}

}  // namespace

ApiResult<S3Answer> S3DeleteObject(S3Request& request) {
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_API_TRY_STATUS(RemoveObject(request, request.target.key, request.head.Find("if-match")));
  return S3Answer{.status = 204};
}

ApiResult<S3Answer> S3DeleteObjects(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_API_TRY(std::string text, ReceiveS3Document(request));
  SMHOST_API_TRY(S3Input input, S3Input::Parse(text, "Delete"));
  bool quiet = std::string_view(input.root().child("Quiet").text().get()) == "true";
  std::vector<std::string> keys;
  for (pugi::xml_node object : input.root().children("Object")) {
    if (std::string version = object.child("VersionId").text().get(); !version.empty() && version != "null")
      return S3Fail("NotImplemented",
                    "A parameter you provided implies functionality that is not implemented: VersionId");
    if (object.child("ETag"))
      return S3Fail(
          "NotImplemented",
          "A parameter you provided implies functionality that is not implemented: ETag of an object to delete");
    keys.emplace_back(object.child("Key").text().get());
  }
  if (keys.empty() || keys.size() > limits::kS3DeleteKeys)
    return S3Fail("MalformedXML",
                  "The XML you provided was not well-formed or did not validate against our published schema: 1 to " +
                      std::to_string(limits::kS3DeleteKeys) + " objects are in a Delete");
  S3Document document("DeleteResult");
  for (const std::string& key : keys) {
    auto removed = AuthorizeS3(request, "s3:DeleteObject", bucket.name, key);
    if (removed && key.empty()) removed = S3Fail("UserKeyMustBeSpecified", "The object has no key.");
    if (removed) removed = RemoveObject(request, key, nullptr);
    if (removed && quiet) continue;
    S3Element entry = document.Child(removed ? "Deleted" : "Error");
    entry.Add("Key", key);
    if (!removed) {
      entry.Add("Code", removed.error().code);
      entry.Add("Message", removed.error().message);
    }
  }
  return S3Answer{.xml = document.Text()};
}

}  // namespace smhost
