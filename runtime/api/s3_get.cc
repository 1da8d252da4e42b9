#include <algorithm>

#include "api/s3_conditions.h"
#include "api/s3_headers.h"
#include "api/s3_request.h"
#include "api/s3_xml.h"

namespace smhost {
namespace {

ApiResult<OpenedObject> OpenChecked(S3Request& request) {
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_API_TRY(ObjectAddress address, CheckedAddress(bucket.name, request.target.key));
  SMHOST_S3_TRY(OpenedObject object, OpenAny(request.store, address), "NoSuchKey");
  return object;
}

tl::unexpected<ApiError> Unsatisfiable(const OpenedObject& object, const std::string& range) {
  return ApiFail("InvalidRange", "The requested range is not satisfiable", 416,
                 {{"RangeRequested", range}, {"ActualObjectSize", std::to_string(object.size_bytes)}});
}

}  // namespace

ApiResult<S3Answer> S3GetObject(S3Request& request) {
  SMHOST_API_TRY(OpenedObject object, OpenChecked(request));
  S3Answer answer{.headers = HeadersOf(request, object)};
  switch (CheckS3Conditions(request.head, "", object.attributes.etag, object.modified)) {
    case S3Condition::kFailed:
      return S3Fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    case S3Condition::kNotModified:
      answer.status = 304;
      return answer;
    case S3Condition::kMet:
      break;
  }
  S3RangeAnswer range;
  if (const std::string* header = request.head.Find("range")) {
    range = ReadS3Range(*header, object.size_bytes);
    if (!range.satisfiable) return Unsatisfiable(object, *header);
  }
  std::uint64_t first = 0, count = object.size_bytes;
  if (range.range) {
    first = range.range->first;
    count = range.range->count;
    answer.status = 206;
    answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                     std::to_string(first + count - 1) + "/" +
                                                     std::to_string(object.size_bytes));
  } else if (request.head.Get("x-amz-checksum-mode") == "ENABLED") {
    AddChecksum(answer.headers, object.attributes);
  }
  answer.bytes = S3Answer::Bytes{std::move(object.fd), first, count};
  return answer;
}

ApiResult<S3Answer> S3HeadObject(S3Request& request) { return S3GetObject(request); }

ApiResult<S3Answer> S3GetObjectAttributes(S3Request& request) {
  SMHOST_API_TRY(OpenedObject object, OpenChecked(request));
  std::string wanted = ",";
  for (const auto& [name, value] : request.head.headers)
    if (name == "x-amz-object-attributes") wanted += value + ",";
  wanted.erase(std::remove(wanted.begin(), wanted.end(), ' '), wanted.end());
  auto has = [&](const std::string& name) { return wanted.find("," + name + ",") != std::string::npos; };
  S3Document document("GetObjectAttributesResponse");
  if (has("ETag")) document.Add("ETag", object.attributes.etag);
  if (has("Checksum") && !object.attributes.checksum.empty()) {
    S3Element checksum = document.Child("Checksum");
    AddChecksumElement(checksum, object.attributes);
  }
  if (has("StorageClass")) document.Add("StorageClass", "STANDARD");
  if (has("ObjectSize")) document.Add("ObjectSize", object.size_bytes);
  return S3Answer{.headers = {{"Last-Modified", FormatHttpDate(object.modified)}}, .xml = document.Text()};
}

}  // namespace smhost
