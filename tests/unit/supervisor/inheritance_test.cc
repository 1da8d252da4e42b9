#include "supervisor/inheritance.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {

Inheritance Example() {
  Inheritance left;
  left.home = "/home/u/.local/state/smhost";
  left.address = "127.0.0.1";
  left.worker = "/usr/bin/smhost-worker";
  left.foreground = left.launcher_wanted = true;
  left.lock = 5;
  left.tcp = 6;
  left.local = 7;
  left.controller_link = 8;
  left.children = {{{Role::kGateway, 4711, true}, {4711, 99, "boot"}, -1, 9},
                   {{Role::kLauncher, 4712, false}, {4712, 98, "boot"}, 10, -1}};
  return left;
}

}  // namespace

TEST_CASE("what a supervisor leaves to itself is read again") {
  auto read = DecodeInheritance(EncodeInheritance(Example()));
  REQUIRE(read);
  CHECK(*read == Example());
}

TEST_CASE("an inheritance without lock or sockets, with a child that is none, or of a newer program is refused") {
  auto without = [](auto spoil) {
    Inheritance left = Example();
    spoil(left);
    return !DecodeInheritance(EncodeInheritance(left)).has_value();
  };
  CHECK(without([](Inheritance& left) { left.lock = -1; }));
  CHECK(without([](Inheritance& left) { left.tcp = -1; }));
  CHECK(without([](Inheritance& left) { left.local = -1; }));
  CHECK(without([](Inheritance& left) { left.home = ""; }));
  CHECK(without([](Inheritance& left) { left.children[0].id.pid = 1; }));
  CHECK_FALSE(DecodeInheritance("{").has_value());
  CHECK_FALSE(DecodeInheritance("[]").has_value());
  std::string newer = EncodeInheritance(Example());
  newer.replace(newer.find("\"format\":1"), 10, "\"format\":9");
  REQUIRE_FALSE(DecodeInheritance(newer).has_value());
  CHECK(DecodeInheritance(newer).error().code == Code::kNewerFormat);
}
