#include "controller/pulse.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "fakes/fake_clock.h"

using namespace smhost;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

struct Bed {
  FakeClock clock;
  Pulse pulse{60s};

  bool Look() { return pulse.Look(clock.Monotonic()); }
  std::string Lost() { return pulse.Lost(clock.Monotonic()).value_or(""); }
  bool Next() {
    clock.Advance(limits::kPingEvery);
    return Look();
  }
};

}  // namespace

TEST_CASE("an instance that answers is asked at each look and lives") {
  Bed bed;
  for (int i = 0; i < 100; ++i) {
    CHECK(bed.Next());
    bed.pulse.Heard(0s);
    CHECK(bed.Lost() == "");
  }
}

TEST_CASE("an instance that does not answer is asked once and lost after ten seconds") {
  Bed bed;
  REQUIRE(bed.Look());
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(bed.Next());
    CHECK(bed.Lost() == "");
  }
  bed.Next();
  CHECK_THAT(bed.Lost(), Contains("has not answered for 10 s"));
}

TEST_CASE("an answer just in time begins the silence anew") {
  Bed bed;
  bed.Look();
  bed.clock.Advance(9999ms);
  CHECK(bed.Lost() == "");
  bed.pulse.Heard(0s);
  bed.clock.Advance(1h);
  CHECK(bed.Lost() == "");
}

TEST_CASE("who was stopped itself blames nobody for the time that it did not look") {
  Bed bed;
  bed.Look();
  bed.clock.Advance(1h);
  bed.Look();
  CHECK(bed.Lost() == "");
  for (int i = 0; i < 5; ++i) bed.Next();
  CHECK(bed.Lost() != "");
}

TEST_CASE("a call may take as long as its model may, and five seconds more") {
  Bed bed;
  bed.Look();
  bed.pulse.Heard(65s);
  CHECK(bed.Lost() == "");
  bed.pulse.Heard(66s);
  CHECK_THAT(bed.Lost(), Contains("has run for 66 s") && Contains("may take 60 s"));
}

TEST_CASE("a model's own limit is read from its environment, and what is no number changes nothing") {
  CHECK(ModelCallLimit("7") == 7s);
  CHECK(ModelCallLimit("3600") == 3600s);
  for (const char* text : {"", "0", "-1", "7s", "1e3", "99999999999999999999", "86401"}) {
    CAPTURE(text);
    CHECK(ModelCallLimit(text) == limits::kModelCall);
  }
}
