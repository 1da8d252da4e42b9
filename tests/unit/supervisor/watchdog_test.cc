#include "supervisor/watchdog.h"

#include <catch2/catch.hpp>

#include "fakes/fake_clock.h"

using namespace smhost;
using namespace std::chrono_literals;

namespace {

struct Kennel {
  FakeClock clock;
  Watchdog dog{clock.Monotonic()};

  bool Next(bool beat) {
    clock.Advance(Watchdog::kLookEvery);
    return dog.Look(clock.Monotonic(), beat);
  }
};

}  // namespace

TEST_CASE("a loop that beats between two looks lives for ever") {
  Kennel kennel;
  for (int i = 0; i < 1000; ++i) CHECK(kennel.Next(true));
}

TEST_CASE("one silent look proves nothing, two that span the limit do") {
  Kennel kennel;
  REQUIRE(kennel.Next(true));
  CHECK(kennel.Next(false));
  CHECK(kennel.Next(true));
  CHECK(kennel.Next(false));
  CHECK_FALSE(kennel.Next(false));
}

TEST_CASE("a process that has not beaten yet may take its time, but not for ever") {
  Kennel kennel;
  Duration waited{};
  while (kennel.Next(false)) {
    waited += Watchdog::kLookEvery;
    REQUIRE(waited <= limits::kFirstBeat);
  }
  CHECK(waited + Watchdog::kLookEvery >= limits::kFirstBeat);
}

TEST_CASE("after a time in which nobody looked, such as our own stop, silence is counted anew") {
  Kennel kennel;
  REQUIRE(kennel.Next(true));
  kennel.clock.Advance(1h);
  CHECK(kennel.dog.Look(kennel.clock.Monotonic(), false));
  CHECK(kennel.Next(false));
  CHECK_FALSE(kennel.Next(false));
}
