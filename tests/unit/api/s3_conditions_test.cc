#include "api/s3_conditions.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

std::string Range(const char* header, std::uint64_t size) {
  S3RangeAnswer answer = ReadS3Range(header, size);
  if (!answer.satisfiable) return "unsatisfiable";
  if (!answer.range) return "all";
  return std::to_string(answer.range->first) + "+" + std::to_string(answer.range->count);
}

TEST_CASE("ranges are cut to the object") {
  CHECK(Range("bytes=0-4", 10) == "0+5");
  CHECK(Range("bytes=3-", 10) == "3+7");
  CHECK(Range("bytes=-4", 10) == "6+4");
  CHECK(Range("bytes=0-100", 10) == "0+10");
  CHECK(Range("bytes=-100", 10) == "0+10");
  CHECK(Range("bytes=9-9", 10) == "9+1");
}

TEST_CASE("ranges past the object's end cannot be satisfied") {
  CHECK(Range("bytes=10-", 10) == "unsatisfiable");
  CHECK(Range("bytes=10-20", 10) == "unsatisfiable");
  CHECK(Range("bytes=-0", 10) == "unsatisfiable");
  CHECK(Range("bytes=0-", 0) == "unsatisfiable");
  CHECK(Range("bytes=-5", 0) == "unsatisfiable");
}

TEST_CASE("what is no single range is as none") {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-4", "bytes=4-2", "bytes=0-1,3-4",
                             "bytes=1-2-3", "bytes=99999999999999999999999-"})
    CHECK(Range(header, 10) == "all");
}

TEST_CASE("dates are written and read as HTTP has them") {
  auto time = ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT");
  REQUIRE(time);
  CHECK(FormatHttpDate(*time) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(time->time_since_epoch() == std::chrono::seconds(784111777));
  CHECK_FALSE(ParseHttpDate("yesterday"));
  CHECK_FALSE(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT and more"));
}

S3Condition Check(std::vector<std::pair<std::string, std::string>> headers, const std::string& prefix = "") {
  HttpHead head{"GET", "/", std::move(headers)};
  return CheckS3Conditions(head, prefix, "etag", WallTime(std::chrono::milliseconds(784111777'400)));
}

TEST_CASE("conditions are met, unchanged or failed") {
  const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
  const char* same = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(Check({}) == S3Condition::kMet);
  CHECK(Check({{"if-match", "\"etag\""}}) == S3Condition::kMet);
  CHECK(Check({{"if-match", "\"a\", \"etag\""}}) == S3Condition::kMet);
  CHECK(Check({{"if-match", "*"}}) == S3Condition::kMet);
  CHECK(Check({{"if-match", "\"other\""}}) == S3Condition::kFailed);
  CHECK(Check({{"if-none-match", "\"etag\""}}) == S3Condition::kNotModified);
  CHECK(Check({{"if-none-match", "\"other\""}}) == S3Condition::kMet);
  CHECK(Check({{"if-modified-since", same}}) == S3Condition::kNotModified);
  CHECK(Check({{"if-modified-since", before}}) == S3Condition::kMet);
  CHECK(Check({{"if-unmodified-since", same}}) == S3Condition::kMet);
  CHECK(Check({{"if-unmodified-since", before}}) == S3Condition::kFailed);
  CHECK(Check({{"if-unmodified-since", "no date"}}) == S3Condition::kMet);
}

TEST_CASE("an ETag condition decides over the date beside it") {
  const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
  const char* same = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(Check({{"if-match", "\"etag\""}, {"if-unmodified-since", before}}) == S3Condition::kMet);
  CHECK(Check({{"if-none-match", "\"other\""}, {"if-modified-since", same}}) == S3Condition::kMet);
}

TEST_CASE("a copy's source has conditions of its own, and unchanged is failed there") {
  CHECK(Check({{"x-amz-copy-source-if-none-match", "\"etag\""}}, "x-amz-copy-source-") == S3Condition::kFailed);
  CHECK(Check({{"if-match", "\"other\""}}, "x-amz-copy-source-") == S3Condition::kMet);
}

}  // namespace
}  // namespace smhost
