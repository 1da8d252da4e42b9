#include "artifacts/tree_plan.h"

#include <catch2/catch.hpp>

using namespace smhost;
using Folders = std::vector<std::string>;

TEST_CASE("a file's missing folders are told, outermost first, once") {
  TreePlan plan{UnpackLimits{}};
  CHECK(plan.AddFile("a/b/x").value() == Folders{"a", "a/b"});
  CHECK(plan.AddFile("a/b/y").value() == Folders{});
  CHECK(plan.AddFolder("a/c").value() == Folders{"a/c"});
  CHECK(plan.Folders() == Folders{"a", "a/b", "a/c"});
  CHECK(plan.files() == 2);
}

TEST_CASE("a folder may be named again, before or after what is in it") {
  TreePlan plan{UnpackLimits{}};
  CHECK(plan.AddFolder(""));
  CHECK(plan.AddFile("a/x"));
  CHECK(plan.AddFolder("a").value() == Folders{});
  CHECK(plan.AddFolder("a").value() == Folders{});
}

TEST_CASE("entries that collide are refused") {
  TreePlan plan{UnpackLimits{}};
  REQUIRE(plan.AddFile("a/x"));
  CHECK_THAT(plan.AddFile("a/x").error().message, Catch::Contains("twice"));
  CHECK_THAT(plan.AddFile("a").error().message, Catch::Contains("a folder before"));
  CHECK_THAT(plan.AddFolder("a/x").error().message, Catch::Contains("a file before"));
  CHECK_THAT(plan.AddFile("a/x/y").error().message, Catch::Contains("made a file before"));
  CHECK_THAT(plan.AddFile("").error().message, Catch::Contains("root"));
}

TEST_CASE("folders that are only implied count, and so do those named again") {
  UnpackLimits limits{.entries = 3};
  TreePlan implied(limits);
  CHECK(implied.AddFile("a/b/x"));
  CHECK(implied.AddFile("y").error().code == Code::kTooLarge);
  TreePlan again(limits);
  for (int i = 0; i < 3; ++i) CHECK(again.AddFolder(""));
  CHECK(again.AddFolder("").error().code == Code::kTooLarge);
}
