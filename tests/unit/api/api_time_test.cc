#include "api/api_time.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

TEST_CASE("times are read in all forms that clients write") {
  for (const char* text : {"2014-04-29T18:30:38Z", "2014-04-29T18:30:38.000Z", "2014-04-29T20:30:38+02:00", "2014-04-29T13:30:38-0500",
                           "2014-04-29T18:30:38", "Tue, 29 Apr 2014 18:30:38 GMT", "1398796238", "1398796238.0"})
    CHECK(ParseApiTime(text) == 1398796238.0);
  CHECK(ParseApiTime("2014-04-29") == 1398729600.0);
  CHECK(ParseApiTime("2014-04-29T18:30:38.25Z") == 1398796238.25);
  CHECK(ParseApiTime("1969-12-31T23:59:59.5Z") == -0.5);
}

TEST_CASE("what is no time is none") {
  for (const char* text : {"", "x", "2014-02-30", "2014-04-29T24:00:00Z", "2014-04-29T18:30:38Zx", "2014-04-29T18:30:38+2", "1e300",
                           "nan", "inf", "Tue, 29 Abc 2014 18:30:38 GMT", "Tue, 29 Apr 2014 18:30:38 CET", "2014-04-2-T18:30:38Z"})
    CHECK_FALSE(ParseApiTime(text));
  CHECK_FALSE(ApiSeconds(1e15));
  CHECK_FALSE(ApiSeconds(true));
}

TEST_CASE("times are written with a fraction only where there is one") {
  CHECK(ApiTime(1398796238, TimeFormat::kDefault) == "2014-04-29T18:30:38Z");
  CHECK(ApiTime(1398796238.123, TimeFormat::kIso8601) == "2014-04-29T18:30:38.123Z");
  CHECK(ApiTime(1398796238.9996, TimeFormat::kIso8601) == "2014-04-29T18:30:39Z");
  CHECK(ApiTime(-0.5, TimeFormat::kIso8601) == "1969-12-31T23:59:59.500Z");
  CHECK(ApiTime(1398796238, TimeFormat::kRfc822) == "Tue, 29 Apr 2014 18:30:38 GMT");
  CHECK(CompactJson(ApiTime(1398796238, TimeFormat::kUnixTimestamp)) == "1398796238");
  CHECK(CompactJson(ApiTime(1398796238.123, TimeFormat::kUnixTimestamp)) == "1398796238.123");
}

}  // namespace
}  // namespace smhost
