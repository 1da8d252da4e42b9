#include "api/s3_put.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "api/base64.h"
#include "api/s3_headers.h"
#include "api/s3_xml.h"
#include "base/limits_api.h"
#include "base/text.h"

namespace smhost {

ApiResult<PutRule> PutRuleOf(const HttpHead& head) {
  PutRule rule{.make_bucket = false};
  if (const std::string* match = head.Find("if-match")) rule.if_etag = Unquoted(*match);
  if (const std::string* none = head.Find("if-none-match")) {
    if (Unquoted(*none) != "*")
      return S3Fail("NotImplemented",
                    "A header you provided implies functionality that is not implemented: if-none-match other than *");
    rule.only_new = true;
  }
  return rule;
}

ApiResult<ObjectInfo> SaveS3Object(S3Request& request, ObjectWriter& writer, std::uint64_t size_bytes,
                                   const ObjectAddress& address, const ObjectAttributes& attributes,
                                   const PutRule& rule) {
  const char* not_found = rule.if_etag ? "NoSuchKey" : "NoSuchBucket";
  bool marker = address.key.ends_with('/');
  if (marker && size_bytes > 0)
    return S3Fail("InvalidArgument",
                  "A key that ends in \"/\" stands for a folder in the local object store and has no bytes.");
  auto saved = marker ? request.store.PutMarker(address, attributes, request.context.clock.Wall(), rule)
                      : request.store.Finish(writer, address, attributes, rule);
  if (!saved && saved.error().code == Code::kDenied)
    return S3Fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  SMHOST_S3_TRY(ObjectInfo info, std::move(saved), not_found);
  return info;
}

ApiResult<S3CopySource> OpenCopySource(S3Request& request) {
  auto source = S3PathTarget(request.head.Get("x-amz-copy-source"));
  if (!source || source->bucket.empty() || source->key.empty())
    return S3Fail("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  if (const std::string* version = source->Find("versionId"); version != nullptr && *version != "null")
    return S3Fail("NotImplemented",
                  "A parameter you provided implies functionality that is not implemented: versionId");
  SMHOST_API_TRY_STATUS(AuthorizeS3(request, "s3:GetObject", source->bucket, source->key));
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, source->bucket));
  const std::string* owner = request.head.Find("x-amz-source-expected-bucket-owner");
  if (owner != nullptr && *owner != bucket.account) return S3Fail("AccessDenied", "Access Denied");
  SMHOST_API_TRY(ObjectAddress address, CheckedAddress(bucket.name, source->key));
  SMHOST_S3_TRY(OpenedObject object, OpenAny(request.store, address), "NoSuchKey");
  if (CheckS3Conditions(request.head, "x-amz-copy-source-", object.attributes.etag, object.modified) !=
      S3Condition::kMet)
    return S3Fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  return S3CopySource{std::move(address), std::move(object)};
}

ApiResult<void> CopyS3Bytes(int from, const S3Range& range, ObjectWriter& writer, S3Sums& sums) {
  auto buffer = std::make_unique<char[]>(limits::kS3CopyBytes);
  for (std::uint64_t done = 0; done < range.count;) {
    std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(range.count - done, limits::kS3CopyBytes));
    ssize_t count = ::pread(from, buffer.get(), want, static_cast<off_t>(range.first + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return S3FailOf(FailErrno("read", "the source", errno).value(), "NoSuchKey");
    if (count == 0)
      return S3Fail("OperationAborted", "The source became shorter while it was copied. Please try again.");
    std::string_view bytes(buffer.get(), static_cast<std::size_t>(count));
    sums.Update(bytes);
    SMHOST_S3_TRY_STATUS(writer.Write(bytes), "NoSuchBucket");
    done += bytes.size();
  }
  return {};
}

ApiResult<S3Answer> S3PutObject(S3Request& request) {
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_API_TRY(ObjectAddress address, CheckedAddress(bucket.name, request.target.key));
  SMHOST_API_TRY(PutRule rule, PutRuleOf(request.head));
  ObjectAttributes attributes;
  SMHOST_API_TRY(attributes.headers, StoredHeaders(request.head));
  SMHOST_S3_TRY(ObjectWriter writer, request.store.Begin(), "NoSuchBucket");
  SMHOST_API_TRY(S3Received received, ReceiveS3Object(request, writer, ""));
  attributes.etag = received.md5;
  attributes.checksum_algorithm = received.algorithm;
  attributes.checksum = received.checksum;
  SMHOST_API_TRY(ObjectInfo saved, SaveS3Object(request, writer, received.size_bytes, address, attributes, rule));
  S3Answer answer{.headers = {{"ETag", Quoted(attributes.etag)}}};
  AddChecksum(answer.headers, attributes);
  return answer;
}

ApiResult<S3Answer> S3CopyObject(S3Request& request) {
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_API_TRY(ObjectAddress address, CheckedAddress(bucket.name, request.target.key));
  SMHOST_API_TRY(PutRule rule, PutRuleOf(request.head));
  SMHOST_API_TRY(S3CopySource source, OpenCopySource(request));
  std::string_view directive = request.head.Get("x-amz-metadata-directive");
  if (!directive.empty() && directive != "COPY" && directive != "REPLACE")
    return S3Fail("InvalidArgument", "Unknown metadata directive.");
  bool replace = directive == "REPLACE";
  if (source.address == address && !replace)
    return S3Fail("InvalidRequest",
                  "This copy request is illegal because it is trying to copy an object to itself without changing the "
                  "object's metadata, storage class, website redirect location or encryption attributes.");
  if (source.object.size_bytes > limits::kS3PutBytes)
    return S3Fail("InvalidRequest",
                  "The specified copy source is larger than the maximum allowable size for a copy source: " +
                      std::to_string(limits::kS3PutBytes));
  ObjectAttributes attributes;
  attributes.headers = source.object.attributes.headers;
  if (replace)
    SMHOST_API_TRY_STATUS(StoredHeaders(request.head).map([&](S3Headers own) { attributes.headers = std::move(own); }));
  std::string algorithm = LowerCase(request.head.Get("x-amz-checksum-algorithm"));
  if (algorithm.empty()) algorithm = source.object.attributes.checksum_algorithm;
  if (!algorithm.empty() && !IsS3ChecksumAlgorithm(algorithm))
    return S3Fail("InvalidRequest", "Checksum algorithm provided is unsupported.");
  SMHOST_S3_TRY(ObjectWriter writer, request.store.Begin(), "NoSuchBucket");
  S3Sums sums(algorithm);
  SMHOST_API_TRY_STATUS(CopyS3Bytes(source.object.fd.get(), {0, source.object.size_bytes}, writer, sums));
  sums.Finish();
  attributes.etag = sums.Md5Hex();
  attributes.checksum_algorithm = algorithm;
  if (!algorithm.empty()) attributes.checksum = EncodeBase64(sums.Of(algorithm));
  SMHOST_API_TRY(ObjectInfo saved, SaveS3Object(request, writer, source.object.size_bytes, address, attributes, rule));
  S3Document document("CopyObjectResult");
  document.Add("LastModified", FormatIso8601(saved.modified));
  document.Add("ETag", Quoted(attributes.etag));
  AddChecksumElement(document, attributes);
  return S3Answer{.xml = document.Text()};
}

}  // namespace smhost
