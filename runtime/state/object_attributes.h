// What an object has beside its bytes when an S3 client made it: its ETag, the headers that come back with it, a
// checksum. The text form holds the size and the time of the bytes it was made for, so that a file which somebody wrote
// to by hand does not keep an ETag that is no longer true. Values; any thread.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace smhost {

struct ObjectAttributes {
  std::string etag;  // without quotes
  // Names in lower case: content-type, cache-control, x-amz-meta-….
  std::vector<std::pair<std::string, std::string>> headers;
  std::string checksum_algorithm;  // "crc32", "crc32c", "crc64nvme", "sha1", "sha256"; empty: none
  std::string checksum;            // base64; "…-N" where it is one of checksums of N parts
  std::string upload;              // the multipart upload that made it; empty: none

  const std::string* Header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return &value;
    return nullptr;
  }
};

// Of a regular file or, for a folder that stands for the key "NAME/", of when it was made.
std::string EncodeAttributes(const ObjectAttributes& attributes, std::uint64_t size_bytes, WallTime modified);
struct StoredAttributes {
  ObjectAttributes attributes;
  std::uint64_t size_bytes = 0;
  WallTime modified;
};
// Nothing where the text is none of EncodeAttributes.
std::optional<StoredAttributes> DecodeAttributes(std::string_view text);

// For a file that no S3 client made: changes whenever its bytes may have. Its "-1" tells clients, as a multipart
// upload's ETag does, that it is not the MD5 of the bytes: that would mean to read them all for a listing.
std::string EtagOfFile(std::uint64_t size_bytes, WallTime modified);

}  // namespace smhost
