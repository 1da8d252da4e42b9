#include "base/failpoint.h"

#include <catch2/catch.hpp>

using namespace smhost;
using Action = FailOrder::Action;

TEST_CASE("an order names a point, an action and at which pass") {
  CHECK(*ParseFailOrder("apply_listed=kill") == FailOrder{Failpoint::apply_listed, Action::kKill, 0, 1});
  CHECK(*ParseFailOrder("apply_listed=stop@3") == FailOrder{Failpoint::apply_listed, Action::kStop, 0, 3});
  CHECK(*ParseFailOrder("unpack_entry=eio@1") == FailOrder{Failpoint::unpack_entry, Action::kEio, 0, 1});
  CHECK(*ParseFailOrder("unpack_entry=sleep:250@2") == FailOrder{Failpoint::unpack_entry, Action::kSleep, 250, 2});
}

TEST_CASE("what is no order is refused, so that a test with a misspelt point does not pass") {
  for (const char* text : {"", "apply_listed", "apply_liste=kill", "=kill", "apply_listed=", "apply_listed=die",
                           "apply_listed=kill@", "apply_listed=kill@0", "apply_listed=kill@-1", "apply_listed=kill@1x",
                           "apply_listed=sleep", "apply_listed=sleep:", "apply_listed=sleep:x", "apply_listed=kill "}) {
    CAPTURE(text);
    CHECK_FALSE(ParseFailOrder(text).has_value());
  }
}

TEST_CASE("without an order in the environment a point is passed by") {
  CHECK(PassFailpoint(Failpoint::apply_listed).has_value());
}
