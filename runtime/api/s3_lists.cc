#include <algorithm>
#include <charconv>
#include <functional>

#include "api/s3_checksum.h"
#include "api/base64.h"
#include "api/s3_headers.h"
#include "api/s3_request.h"
#include "api/s3_xml.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

// encoding-type=url is for keys that XML cannot say.
ApiResult<std::function<std::string(const std::string&)>> Encoding(const S3Request& request) {
  const std::string* type = request.target.Find("encoding-type");
  if (type == nullptr) return [](const std::string& text) { return text; };
  if (*type != "url") return S3Fail("InvalidArgument", "Invalid Encoding Method specified in Request");
  return [](const std::string& text) { return S3UrlEncode(text); };
}

ApiResult<std::size_t> MostKeys(const S3Request& request) {
  const std::string* text = request.target.Find("max-keys");
  if (text == nullptr || text->empty()) return limits::kS3PageEntries;
  std::size_t most = 0;
  auto [rest, fault] = std::from_chars(text->data(), text->data() + text->size(), most);
  if (fault != std::errc() || rest != text->data() + text->size())
    return S3Fail("InvalidArgument", "Provided max-keys not an integer or within integer range");
  return std::min(most, limits::kS3PageEntries);
}

struct KeyPage {
  PageQuestion question;
  ObjectPage page;
  std::function<std::string(const std::string&)> encoded;
};

ApiResult<KeyPage> List(S3Request& request, std::string after) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  KeyPage listing;
  SMHOST_API_TRY(listing.encoded, Encoding(request));
  SMHOST_API_TRY(listing.question.most, MostKeys(request));
  listing.question.prefix = request.target.Get("prefix");
  listing.question.delimiter = request.target.Get("delimiter");
  listing.question.after = std::move(after);
  SMHOST_S3_TRY(listing.page, request.store.ListPage(bucket.name, listing.question), "NoSuchBucket");
  return listing;
}

void AddAll(S3Document& document, const S3Request& request, const KeyPage& listing, bool owner) {
  document.Add("Name", request.target.bucket);
  document.Add("Prefix", listing.encoded(listing.question.prefix));
  document.Add("MaxKeys", listing.question.most);
  if (!listing.question.delimiter.empty()) document.Add("Delimiter", listing.encoded(listing.question.delimiter));
  if (request.target.Find("encoding-type") != nullptr) document.Add("EncodingType", "url");
  document.Add("IsTruncated", listing.page.truncated ? "true" : "false");
  for (const ObjectInfo& object : listing.page.objects) {
    S3Element entry = document.Child("Contents");
    entry.Add("Key", listing.encoded(object.key));
    entry.Add("LastModified", FormatIso8601(object.modified));
    entry.Add("ETag", Quoted(object.etag));
    entry.Add("Size", object.size_bytes);
    if (owner) entry.Child("Owner").Add("ID", request.caller.account);
    entry.Add("StorageClass", "STANDARD");
  }
  for (const std::string& prefix : listing.page.prefixes)
    document.Child("CommonPrefixes").Add("Prefix", listing.encoded(prefix));
}

}  // namespace

ApiResult<S3Answer> S3ListObjects(S3Request& request) {
  SMHOST_API_TRY(KeyPage listing, List(request, request.target.Get("marker")));
  S3Document document("ListBucketResult");
  document.Add("Marker", listing.encoded(listing.question.after));
  if (listing.page.truncated && !listing.question.delimiter.empty())
    document.Add("NextMarker", listing.encoded(listing.page.last));
  AddAll(document, request, listing, true);
  return S3Answer{.xml = document.Text()};
}

ApiResult<S3Answer> S3ListObjectsV2(S3Request& request) {
  const std::string* token = request.target.Find("continuation-token");
  std::string after = token != nullptr ? DecodeBase64(*token).value_or("") : request.target.Get("start-after");
  if (token != nullptr && after.empty())
    return S3Fail("InvalidArgument", "The continuation token provided is incorrect");
  SMHOST_API_TRY(KeyPage listing, List(request, std::move(after)));
  S3Document document("ListBucketResult");
  if (token != nullptr) document.Add("ContinuationToken", *token);
  if (listing.page.truncated) document.Add("NextContinuationToken", EncodeBase64(listing.page.last));
  if (const std::string* start = request.target.Find("start-after"))
    document.Add("StartAfter", listing.encoded(*start));
  document.Add("KeyCount", listing.page.objects.size() + listing.page.prefixes.size());
  AddAll(document, request, listing, request.target.Get("fetch-owner") == "true");
  return S3Answer{.xml = document.Text()};
}

}  // namespace smhost
