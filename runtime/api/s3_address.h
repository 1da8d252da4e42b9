// Which bucket and key an S3 request means, and its query: by the path ("/bucket/key") or by the host
// ("bucket.localhost", "bucket.s3.…"). Pure; any thread. It decodes and divides only; the object store's rules decide
// which keys there can be.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/http_head.h"

namespace smhost {

struct S3Target {
  std::string bucket, key;                                 // decoded; empty where the request names none
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in the order sent

  // The first of that name; null where there is none.
  const std::string* Find(std::string_view name) const {
    for (const auto& [key, value] : query)
      if (key == name) return &value;
    return nullptr;
  }
  std::string Get(std::string_view name) const {
    const std::string* value = Find(name);
    return value == nullptr ? std::string() : *value;
  }
};

// The resource of an error about the bucket's name alone.
inline constexpr const char* kS3BucketFault = "bucket";

// kInvalid where the target is no path or has a "%" that is none of an encoding.
Result<S3Target> S3Address(const HttpHead& head);
// "/bucket/key" or "bucket/key" of a header such as x-amz-copy-source, with what its "?" brings as query.
Result<S3Target> S3PathTarget(std::string_view path);

// What encoding-type=url asks for: all but A-Z a-z 0-9 - . _ ~ / as %XX.
std::string S3UrlEncode(std::string_view text);

}  // namespace smhost
