#include <algorithm>
#include <charconv>

#include "api/s3_headers.h"
#include "api/base64.h"
#include "api/s3_put.h"
#include "api/s3_xml.h"
#include "base/limits_api.h"
#include "base/random.h"
#include "base/text.h"

namespace smhost {
namespace {

struct NamedPart {
  int number = 0;
  std::string etag, checksum;
};

ApiResult<std::vector<NamedPart>> ReadParts(S3Request& request, const std::string& algorithm) {
  SMHOST_API_TRY(std::string text, ReceiveS3Document(request, true));
  SMHOST_API_TRY(S3Input input, S3Input::Parse(text, "CompleteMultipartUpload"));
  const std::string checksum = "Checksum" + UpperCase(algorithm);
  std::vector<NamedPart> parts;
  for (pugi::xml_node node : input.root().children("Part")) {
    NamedPart part{node.child("PartNumber").text().as_int(), Unquoted(node.child("ETag").text().get()),
                   node.child(checksum.c_str()).text().get()};
    if (!parts.empty() && part.number <= parts.back().number)
      return S3Fail(
          "InvalidPartOrder",
          "The list of parts was not in ascending order. The parts list must be specified in order by part number.");
    parts.push_back(std::move(part));
  }
  if (parts.empty() || parts.size() > static_cast<std::size_t>(limits::kS3Parts))
    return S3Fail(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema: it has 1 to " +
            std::to_string(limits::kS3Parts) + " parts");
  return parts;
}

// Those parts of the upload that the client names, checked.
ApiResult<std::vector<UploadedPart>> Choose(const std::vector<UploadedPart>& uploaded,
                                            const std::vector<NamedPart>& named) {
  std::vector<UploadedPart> chosen;
  for (const NamedPart& name : named) {
    auto found =
        std::find_if(uploaded.begin(), uploaded.end(), [&](const auto& part) { return part.number == name.number; });
    if (found == uploaded.end() || found->md5 != name.etag ||
        (!name.checksum.empty() && found->checksum != name.checksum))
      return S3Fail("InvalidPart",
                    "One or more of the specified parts could not be found. The part may not have been uploaded, or "
                    "the specified entity tag may not match the part's entity tag.");
    if (!chosen.empty() && chosen.back().size_bytes < limits::kS3PartBytesMin)
      return S3Fail(
          "EntityTooSmall",
          "Your proposed upload is smaller than the minimum allowed size: every part but the last has at least " +
              std::to_string(limits::kS3PartBytesMin) + " bytes");
    chosen.push_back(*found);
  }
  return chosen;
}

std::string BytesOfHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

// The digest of the parts' digests, and how many they are.
std::string OfParts(const std::string& algorithm, const std::vector<std::string>& digests, bool hex) {
  auto sum = MakeS3Checksum(algorithm);
  for (const std::string& digest : digests) sum->Update(digest);
  std::string bytes = sum->Finish();
  return (hex ? HexOf(bytes) : EncodeBase64(bytes)) + "-" + std::to_string(digests.size());
}

ApiResult<S3Answer> Completed(const S3Request& request, const ObjectAttributes& attributes) {
  S3Document document("CompleteMultipartUploadResult");
  document.Add("Location", request.context.url + "/" + request.target.bucket + "/" + S3UrlEncode(request.target.key));
  document.Add("Bucket", request.target.bucket);
  document.Add("Key", request.target.key);
  document.Add("ETag", Quoted(attributes.etag));
  AddChecksumElement(document, attributes);
  return S3Answer{.xml = document.Text()};
}

// A client that lost the answer asks again: the upload is gone, and the object is there.
ApiResult<S3Answer> CompletedBefore(S3Request& request, const ApiError& error) {
  auto object = OpenAny(request.store, {request.target.bucket, request.target.key});
  if (error.code == "NoSuchUpload" && object && object->attributes.upload == request.target.Get("uploadId") &&
      !object->attributes.upload.empty())
    return Completed(request, object->attributes);
  return tl::unexpected<ApiError>(error);
}

ApiResult<std::uint64_t> Join(S3Request& request, const UploadInfo& upload, const std::vector<UploadedPart>& parts,
                              ObjectWriter& writer, S3Sums& sums) {
  std::uint64_t total = 0;
  for (const UploadedPart& part : parts) {
    SMHOST_S3_TRY(Descriptor file, request.uploads.OpenPart(upload, part), "NoSuchUpload");
    SMHOST_API_TRY_STATUS(CopyS3Bytes(file.get(), {0, part.size_bytes}, writer, sums));
    total += part.size_bytes;
  }
  return total;
}

}  // namespace

ApiResult<S3Answer> S3CompleteMultipartUpload(S3Request& request) {
  SMHOST_API_TRY(BucketInfo bucket, OwnedBucket(request, request.target.bucket));
  SMHOST_API_TRY(ObjectAddress address, CheckedAddress(bucket.name, request.target.key));
  auto found = request.uploads.Find(request.target.Get("uploadId"), address);
  if (!found) return CompletedBefore(request, S3FailOf(found.error(), "NoSuchUpload").value());
  const UploadInfo& upload = *found;
  ObjectAttributes attributes = upload.attributes;
  const std::string& algorithm = attributes.checksum_algorithm;
  SMHOST_API_TRY(PutRule rule, PutRuleOf(request.head));
  SMHOST_API_TRY(auto named, ReadParts(request, algorithm));
  SMHOST_S3_TRY(auto uploaded, request.uploads.Parts(upload), "NoSuchUpload");
  SMHOST_API_TRY(auto parts, Choose(uploaded, named));
  SMHOST_S3_TRY(ObjectWriter writer, request.store.Begin(), "NoSuchBucket");
  S3Sums sums = upload.whole_checksum ? S3Sums::Only(algorithm) : S3Sums::None();
  SMHOST_API_TRY(std::uint64_t size_bytes, Join(request, upload, parts, writer, sums));
  if (const std::string* told = request.head.Find("x-amz-mp-object-size");
      told != nullptr && *told != std::to_string(size_bytes))
    return S3Fail("InvalidRequest", "The provided 'x-amz-mp-object-size' header does not match what was computed: " +
                                        std::to_string(size_bytes));
  sums.Finish();
  std::vector<std::string> digests, checksums;
  for (const UploadedPart& part : parts) {
    digests.push_back(BytesOfHex(part.md5));
    checksums.push_back(DecodeBase64(part.checksum).value_or(""));
  }
  attributes.etag = OfParts("md5", digests, true);
  attributes.upload = upload.id;
  if (!algorithm.empty())
    attributes.checksum = upload.whole_checksum ? EncodeBase64(sums.Of(algorithm)) : OfParts(algorithm, checksums, false);
  if (const std::string* claimed = request.head.Find("x-amz-checksum-" + algorithm);
      claimed != nullptr && !algorithm.empty() && *claimed != attributes.checksum)
    return S3Fail("BadDigest", "The " + algorithm + " you specified did not match the calculated checksum.");
  SMHOST_API_TRY(ObjectInfo saved, SaveS3Object(request, writer, size_bytes, address, attributes, rule));
  // The object is there; parts that cannot be removed now are listed until they are aborted.
  (void)request.uploads.Remove(upload);
  return Completed(request, attributes);
}

}  // namespace smhost
