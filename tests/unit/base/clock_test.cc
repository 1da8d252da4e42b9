#include "base/clock.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("a time prints as ISO 8601 in UTC and comes back") {
  WallTime time{std::chrono::milliseconds(1'700'000'000'123)};
  CHECK(FormatIso8601(time) == "2023-11-14T22:13:20.123Z");
  CHECK(ParseIso8601("2023-11-14T22:13:20.123Z") == time);
  CHECK(ParseIso8601("2023-11-14T22:13:20Z") == time - std::chrono::milliseconds(123));
}

TEST_CASE("what is no time is the epoch") {
  CHECK(ParseIso8601("") == WallTime{});
  CHECK(ParseIso8601("yesterday") == WallTime{});
}
