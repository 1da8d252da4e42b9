#include <algorithm>
#include <charconv>

#include "api/s3_headers.h"
#include "api/base64.h"
#include "api/s3_put.h"
#include "api/s3_xml.h"
#include "base/limits_api.h"
#include "base/text.h"

namespace smhost {
namespace {

// Which checksum the parts and the object have. S3 gives the CRCs of 64 bits to whole objects only and SHAs to parts
// only.
ApiResult<void> ChooseChecksum(const S3Request& request, UploadInfo& upload) {
  upload.attributes.checksum_algorithm = LowerCase(request.head.Get("x-amz-checksum-algorithm"));
  const std::string& algorithm = upload.attributes.checksum_algorithm;
  std::string_view type = request.head.Get("x-amz-checksum-type");
  if (algorithm.empty() && !type.empty())
    return S3Fail("InvalidRequest",
                  "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  if (algorithm.empty()) return {};
  if (!IsS3ChecksumAlgorithm(algorithm)) return S3Fail("InvalidRequest", "Checksum algorithm provided is unsupported.");
  if (!type.empty() && type != "COMPOSITE" && type != "FULL_OBJECT")
    return S3Fail("InvalidRequest", "Value for x-amz-checksum-type header is invalid.");
  bool whole_only = algorithm == "crc64nvme", parts_only = algorithm.starts_with("sha");
  if ((whole_only && type == "COMPOSITE") || (parts_only && type == "FULL_OBJECT"))
    return S3Fail("InvalidRequest", "The " + std::string(type) + " checksum type cannot be used with the " + algorithm +
                                        " checksum algorithm.");
  upload.whole_checksum = whole_only || type == "FULL_OBJECT";
  return {};
}

ApiResult<UploadInfo> FindUpload(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_S3_TRY(UploadInfo upload,
                request.uploads.Find(request.target.Get("uploadId"), {bucket.name, request.target.key}),
                "NoSuchUpload");
  return upload;
}

ApiResult<int> PartNumber(const S3Request& request) {
  auto number = WholeNumber<int>(request.target.Get("partNumber"));
  if (!number || *number < 1 || *number > limits::kS3Parts)
    return S3Fail("InvalidArgument",
                  "Part number must be an integer between 1 and " + std::to_string(limits::kS3Parts) + ", inclusive");
  return *number;
}

// A part's checksum as attributes have it, to be told.
ObjectAttributes ChecksumOf(const UploadInfo& upload, const std::string& checksum) {
  ObjectAttributes attributes;
  attributes.checksum_algorithm = upload.attributes.checksum_algorithm;
  attributes.checksum = checksum;
  return attributes;
}

}  // namespace

ApiResult<S3Answer> S3CreateMultipartUpload(S3Request& request) {
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  UploadInfo upload;
  SMHOST_API_TRY(upload.address, CheckedAddress(bucket.name, request.target.key));
  if (upload.address.key.ends_with('/'))
    return S3Fail("InvalidArgument",
                  "A key that ends in \"/\" stands for a folder in the local object store and has no bytes.");
  SMHOST_API_TRY(upload.attributes.headers, StoredHeaders(request.head));
  SMHOST_API_TRY_STATUS(ChooseChecksum(request, upload));
  upload.attributes.etag = "none yet";
  upload.initiated = request.context.clock.Wall();
  auto created = request.uploads.Create(upload);
  if (!created && created.error().code == Code::kTooLarge) return S3Fail("SlowDown", created.error().message);
  SMHOST_S3_TRY(std::string id, std::move(created), "NoSuchBucket");
  S3Document document("InitiateMultipartUploadResult");
  document.Add("Bucket", upload.address.bucket);
  document.Add("Key", upload.address.key);
  document.Add("UploadId", id);
  S3Answer answer{.xml = document.Text()};
  if (!upload.attributes.checksum_algorithm.empty()) {
    answer.headers.emplace_back("x-amz-checksum-algorithm", request.head.Get("x-amz-checksum-algorithm"));
    answer.headers.emplace_back("x-amz-checksum-type", upload.whole_checksum ? "FULL_OBJECT" : "COMPOSITE");
  }
  return answer;
}

ApiResult<S3Answer> S3UploadPart(S3Request& request) {
  SMHOST_API_TRY_STATUS(RefuseUnbuilt(request));
  UploadedPart part;
  SMHOST_API_TRY(part.number, PartNumber(request));
  SMHOST_API_TRY(UploadInfo upload, FindUpload(request));
  SMHOST_S3_TRY(ObjectWriter writer, request.store.Begin(), "NoSuchBucket");
  SMHOST_API_TRY(S3Received received, ReceiveS3Object(request, writer, upload.attributes.checksum_algorithm));
  part.md5 = received.md5;
  if (!upload.attributes.checksum_algorithm.empty()) part.checksum = received.checksum;
  SMHOST_S3_TRY_STATUS(request.uploads.PutPart(upload, writer, part), "NoSuchUpload");
  S3Answer answer{.headers = {{"ETag", Quoted(part.md5)}}};
  if (!received.checksum.empty())
    answer.headers.emplace_back("x-amz-checksum-" + received.algorithm, received.checksum);
  return answer;
}

ApiResult<S3Answer> S3UploadPartCopy(S3Request& request) {
  UploadedPart part;
  SMHOST_API_TRY(part.number, PartNumber(request));
  SMHOST_API_TRY(UploadInfo upload, FindUpload(request));
  SMHOST_API_TRY(S3CopySource source, OpenCopySource(request));
  S3Range range{0, source.object.size_bytes};
  if (const std::string* header = request.head.Find("x-amz-copy-source-range")) {
    S3RangeAnswer wanted = ReadS3Range(*header, source.object.size_bytes);
    if (!wanted.range)
      return S3Fail("InvalidArgument",
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
                    "the zero-based offsets of the first and last bytes to copy");
    range = *wanted.range;
  }
  if (range.count > limits::kS3PutBytes)
    return S3Fail("InvalidRequest",
                  "The specified copy source is larger than the maximum allowable size for a copy source: " +
                      std::to_string(limits::kS3PutBytes));
  SMHOST_S3_TRY(ObjectWriter writer, request.store.Begin(), "NoSuchBucket");
  S3Sums sums(upload.attributes.checksum_algorithm);
  SMHOST_API_TRY_STATUS(CopyS3Bytes(source.object.fd.get(), range, writer, sums));
  sums.Finish();
  part.md5 = sums.Md5Hex();
  if (!upload.attributes.checksum_algorithm.empty())
    part.checksum = EncodeBase64(sums.Of(upload.attributes.checksum_algorithm));
  SMHOST_S3_TRY_STATUS(request.uploads.PutPart(upload, writer, part), "NoSuchUpload");
  S3Document document("CopyPartResult");
  document.Add("LastModified", FormatIso8601(request.context.clock.Wall()));
  document.Add("ETag", Quoted(part.md5));
  AddChecksumElement(document, ChecksumOf(upload, part.checksum), false);
  return S3Answer{.xml = document.Text()};
}

ApiResult<S3Answer> S3AbortMultipartUpload(S3Request& request) {
  SMHOST_API_TRY(UploadInfo upload, FindUpload(request));
  SMHOST_S3_TRY_STATUS(request.uploads.Remove(upload), "NoSuchUpload");
  return S3Answer{.status = 204};
}

ApiResult<S3Answer> S3ListParts(S3Request& request) {
  SMHOST_API_TRY(UploadInfo upload, FindUpload(request));
  int after = WholeNumber<int>(request.target.Get("part-number-marker")).value_or(0);
  auto most = static_cast<std::size_t>(std::clamp<int>(
      WholeNumber<int>(request.target.Get("max-parts")).value_or(limits::kS3PageEntries), 0, limits::kS3PageEntries));
  SMHOST_S3_TRY(auto parts, request.uploads.Parts(upload), "NoSuchUpload");
  std::erase_if(parts, [&](const UploadedPart& part) { return part.number <= after; });
  bool truncated = parts.size() > most;
  if (truncated) parts.resize(most);
  S3Document document("ListPartsResult");
  document.Add("Bucket", upload.address.bucket);
  document.Add("Key", upload.address.key);
  document.Add("UploadId", upload.id);
  document.Child("Initiator").Add("ID", request.caller.account);
  document.Child("Owner").Add("ID", request.caller.account);
  document.Add("StorageClass", "STANDARD");
  document.Add("PartNumberMarker", std::to_string(after));
  if (!parts.empty()) document.Add("NextPartNumberMarker", std::to_string(parts.back().number));
  document.Add("MaxParts", most);
  document.Add("IsTruncated", truncated ? "true" : "false");
  for (const UploadedPart& part : parts) {
    S3Element entry = document.Child("Part");
    entry.Add("PartNumber", std::to_string(part.number));
    entry.Add("LastModified", FormatIso8601(part.modified));
    entry.Add("ETag", Quoted(part.md5));
    entry.Add("Size", part.size_bytes);
    AddChecksumElement(entry, ChecksumOf(upload, part.checksum), false);
  }
  return S3Answer{.xml = document.Text()};
}

ApiResult<S3Answer> S3ListMultipartUploads(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  if (!request.target.Get("delimiter").empty())
    return S3Fail(
        "NotImplemented",
        "A parameter you provided implies functionality that is not implemented: delimiter of ListMultipartUploads");
  std::string prefix = request.target.Get("prefix"), marker = request.target.Get("key-marker"),
              id_marker = request.target.Get("upload-id-marker");
  bool encode = request.target.Get("encoding-type") == "url";
  auto encoded = [&](const std::string& text) { return encode ? S3UrlEncode(text) : text; };
  SMHOST_S3_TRY(auto uploads, request.uploads.List(bucket.name), "NoSuchUpload");
  // Uploads of the marker's key stand in the order of time: those up to the marker's id have been told.
  auto seen = std::find_if(uploads.begin(), uploads.end(), [&](const UploadInfo& upload) {
    return upload.address.key == marker && upload.id == id_marker;
  });
  auto first =
      seen != uploads.end() ? seen + 1 : std::find_if(uploads.begin(), uploads.end(), [&](const UploadInfo& upload) {
        return marker.empty() || upload.address.key > marker;
      });
  uploads.erase(uploads.begin(), first);
  std::erase_if(uploads, [&](const UploadInfo& upload) { return !upload.address.key.starts_with(prefix); });
  auto most = static_cast<std::size_t>(std::clamp<int>(
      WholeNumber<int>(request.target.Get("max-uploads")).value_or(limits::kS3PageEntries), 1, limits::kS3PageEntries));
  bool truncated = uploads.size() > most;
  if (truncated) uploads.resize(most);
  S3Document document("ListMultipartUploadsResult");
  document.Add("Bucket", bucket.name);
  document.Add("KeyMarker", encoded(marker));
  document.Add("UploadIdMarker", id_marker);
  document.Add("Prefix", encoded(prefix));
  if (encode) document.Add("EncodingType", "url");
  if (truncated) {
    document.Add("NextKeyMarker", encoded(uploads.back().address.key));
    document.Add("NextUploadIdMarker", uploads.back().id);
  }
  document.Add("MaxUploads", most);
  document.Add("IsTruncated", truncated ? "true" : "false");
  for (const UploadInfo& upload : uploads) {
    S3Element entry = document.Child("Upload");
    entry.Add("Key", encoded(upload.address.key));
    entry.Add("UploadId", upload.id);
    entry.Child("Initiator").Add("ID", request.caller.account);
    entry.Child("Owner").Add("ID", request.caller.account);
    entry.Add("StorageClass", "STANDARD");
    entry.Add("Initiated", FormatIso8601(upload.initiated));
  }
  return S3Answer{.xml = document.Text()};
}

}  // namespace smhost
