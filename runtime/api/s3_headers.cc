#include "api/s3_headers.h"

#include <algorithm>
#include <array>

#include "api/s3_conditions.h"
#include "base/limits_api.h"
#include "base/text.h"
#include "base/utf8.h"

namespace smhost {
namespace {

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::array<std::string_view, 5> kStored = {"cache-control", "content-disposition", "content-encoding",
                                                     "content-language", "expires"};
constexpr const char* kDefaultType = "binary/octet-stream";

struct Unbuilt {
  std::string_view header;
  std::array<std::string_view, 2> accepted;  // values that ask for what is done anyway
};
constexpr std::array kUnbuilt = {
    Unbuilt{"x-amz-storage-class", {"STANDARD", ""}},
    Unbuilt{"x-amz-tagging", {"", ""}},
    Unbuilt{"x-amz-website-redirect-location", {}},
    Unbuilt{"x-amz-object-lock-mode", {}},
    Unbuilt{"x-amz-object-lock-legal-hold", {"OFF", ""}},
    Unbuilt{"x-amz-object-lock-retain-until-date", {}},
    Unbuilt{"x-amz-bucket-object-lock-enabled", {"false", "False"}},
    Unbuilt{"x-amz-server-side-encryption", {}},
    Unbuilt{"x-amz-server-side-encryption-customer-algorithm", {}},
    Unbuilt{"x-amz-copy-source-server-side-encryption-customer-algorithm", {}},
    Unbuilt{"x-amz-write-offset-bytes", {}},
};

// "aws-chunked" says how the body came, not what it is.
std::string WithoutChunked(std::string_view encodings) {
  std::string kept;
  while (!encodings.empty()) {
    std::string_view item = encodings.substr(0, encodings.find(','));
    encodings.remove_prefix(std::min(encodings.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.empty() || item == "aws-chunked") continue;
    kept += (kept.empty() ? "" : ",") + std::string(item);
  }
  return kept;
}

}  // namespace

ApiResult<S3Headers> StoredHeaders(const HttpHead& head) {
  S3Headers stored;
  const std::string* type = head.Find("content-type");
  stored.emplace_back("content-type", type != nullptr && !type->empty() ? *type : kDefaultType);
  for (std::string_view name : kStored) {
    std::string value(head.Get(name));
    if (name == "content-encoding") value = WithoutChunked(value);
    if (!value.empty()) stored.emplace_back(name, value);
  }
  std::size_t bytes = 0;
  for (const auto& [name, value] : head.headers) {
    if (!name.starts_with(kMetaPrefix)) continue;
    bytes += name.size() - kMetaPrefix.size() + value.size();
    auto same = std::find_if(stored.begin(), stored.end(), [&key = name](const auto& other) { return other.first == key; });
    if (same != stored.end())
      same->second += "," + value;
    else
      stored.emplace_back(name, value);
  }
  if (bytes > limits::kS3MetadataBytes)
    return S3Fail("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size of " +
                                          std::to_string(limits::kS3MetadataBytes) + " bytes");
  for (const auto& [name, value] : stored)
    if (!IsUtf8(value)) return S3Fail("InvalidArgument", "The value of the header " + name + " is not UTF-8.");
  return stored;
}

ApiResult<void> RefuseUnbuilt(const S3Request& request) {
  for (const Unbuilt& unbuilt : kUnbuilt) {
    const std::string* value = request.head.Find(unbuilt.header);
    if (value != nullptr && *value != unbuilt.accepted[0] && *value != unbuilt.accepted[1])
      return S3Fail("NotImplemented", "A header you provided implies functionality that is not implemented: " +
                                          std::string(unbuilt.header) + ": " + *value);
  }
  std::string_view acl = request.head.Get("x-amz-acl");
  bool grants = std::any_of(request.head.headers.begin(), request.head.headers.end(),
                            [](const auto& header) { return header.first.starts_with("x-amz-grant-"); });
  if (grants || (!acl.empty() && acl != "private" && acl != "bucket-owner-full-control"))
    return S3Fail("AccessControlListNotSupported", "The bucket does not allow ACLs");
  for (const char* name : {"versionId", "partNumber"}) {
    const std::string* value = request.target.Find(name);
    bool part_of_upload = std::string_view(name) == "partNumber" && request.target.Find("uploadId") != nullptr;
    if (value != nullptr && *value != "null" && !part_of_upload)
      return S3Fail("NotImplemented", "A parameter you provided implies functionality that is not implemented: " +
                                          std::string(name) + "=" + *value);
  }
  return {};
}

std::string Quoted(const std::string& etag) { return '"' + etag + '"'; }

std::string Unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

S3Headers HeadersOf(const S3Request& request, const OpenedObject& object) {
  constexpr std::string_view kOverride = "response-";
  S3Headers headers = object.attributes.headers;
  if (object.attributes.Header("content-type") == nullptr) headers.emplace_back("content-type", kDefaultType);
  for (const auto& [name, value] : request.target.query) {
    if (!name.starts_with(kOverride)) continue;
    std::string header = name.substr(kOverride.size());
    bool known = header == "content-type" || std::find(kStored.begin(), kStored.end(), header) != kStored.end();
    // A value is a header's: nothing in it may end the line.
    if (!known || std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      continue;
    std::erase_if(headers, [&](const auto& other) { return other.first == header; });
    headers.emplace_back(header, value);
  }
  headers.emplace_back("ETag", Quoted(object.attributes.etag));
  headers.emplace_back("Last-Modified", FormatHttpDate(object.modified));
  headers.emplace_back("Accept-Ranges", "bytes");
  return headers;
}

void AddChecksum(S3Headers& headers, const ObjectAttributes& attributes) {
  if (attributes.checksum_algorithm.empty() || attributes.checksum.empty()) return;
  headers.emplace_back("x-amz-checksum-" + attributes.checksum_algorithm, attributes.checksum);
  headers.emplace_back("x-amz-checksum-type", ChecksumTypeOf(attributes.checksum));
}

void AddChecksumElement(S3Element& element, const ObjectAttributes& attributes, bool type) {
  if (attributes.checksum_algorithm.empty() || attributes.checksum.empty()) return;
  element.Add("Checksum" + UpperCase(attributes.checksum_algorithm), attributes.checksum);
  if (type) element.Add("ChecksumType", ChecksumTypeOf(attributes.checksum));
}

const char* ChecksumTypeOf(const std::string& checksum) {
  return checksum.find('-') == std::string::npos ? "FULL_OBJECT" : "COMPOSITE";
}

}  // namespace smhost
