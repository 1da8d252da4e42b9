// Conditions and ranges of requests for an object, and the dates in them. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "wire/http_head.h"

namespace smhost {

enum class S3Condition { kMet, kNotModified, kFailed };

// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, by RFC 9110, section 13.2.2; or, for the source of a
// copy, the headers with the prefix "x-amz-copy-source-". `etag` without quotes.
S3Condition CheckS3Conditions(const HttpHead& head, const std::string& prefix, const std::string& etag,
                              WallTime modified);

struct S3Range {
  std::uint64_t first = 0, count = 0;
};
struct S3RangeAnswer {
  bool satisfiable = true;
  std::optional<S3Range> range;  // nothing: all of it
};
// "bytes=a-b", "bytes=a-", "bytes=-n". What is no such range, or more than one, is as none: RFC 9110, section 14.2.
S3RangeAnswer ReadS3Range(std::string_view header, std::uint64_t size_bytes);

std::string FormatHttpDate(WallTime time);  // "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<WallTime> ParseHttpDate(const std::string& text);

}  // namespace smhost
