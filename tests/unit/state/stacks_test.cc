#include "state/stacks.h"

#include <catch2/catch.hpp>

#include "base/limits_api.h"
#include "unit/state/state_world.h"

using namespace smhost;

namespace {
struct StacksWorld : StateWorld {
  Stacks stacks{files, home};
};
}  // namespace

TEST_CASE_METHOD(StacksWorld, "a stack is kept under its name until it is retired under its id") {
  CHECK(stacks.Names(account)->empty());
  REQUIRE(stacks.Lock(account));
  REQUIRE(stacks.Put(account, "vad", {{"n", 1}}));
  REQUIRE(stacks.Put(account, "vad", {{"n", 2}}));
  CHECK(stacks.Get(account, "vad").value() == Json{{"n", 2}});
  CHECK(stacks.Names(account).value() == std::vector<std::string>{"vad"});
  REQUIRE(stacks.Retire(account, "vad", "1-2", {{"n", 3}}));
  CHECK(stacks.Get(account, "vad").error().code == Code::kNotFound);
  CHECK(stacks.GetRetired(account, "1-2").value() == Json{{"n", 3}});
  CHECK(stacks.Retired(account)->size() == 1);
  CHECK(stacks.GetRetired(account, "../vad").error().code == Code::kNotFound);
}

TEST_CASE_METHOD(StacksWorld, "names that are no names of stacks never become paths") {
  for (const char* name : {"", "1a", "a/b", "../a", "a_b", "a.b"}) {
    CHECK_FALSE(Stacks::IsStackName(name));
    CHECK(stacks.Put(account, name, {}).error().code == Code::kInvalid);
    CHECK(stacks.Get(account, name).error().code == Code::kInvalid);
  }
  CHECK(Stacks::IsStackName("A-1"));
  CHECK_FALSE(Stacks::IsStackName("a" + std::string(128, 'b')));
}

TEST_CASE_METHOD(StacksWorld, "a damaged stack is read from its previous copy") {
  REQUIRE(stacks.Put(account, "vad", {{"n", 1}}));
  REQUIRE(stacks.Put(account, "vad", {{"n", 2}}));
  const std::string path = home.Account(account) + "/stacks/vad.json";
  REQUIRE(files.Remove(path));
  REQUIRE(files.WriteNew(path, "{}", 0600));
  CHECK(stacks.Get(account, "vad").value() == Json{{"n", 1}});
}

TEST_CASE_METHOD(StacksWorld, "the lock removes what a killed writer left, and waits for nobody's death") {
  REQUIRE(stacks.Put(account, "vad", {{"n", 1}}));
  const std::string left = TemporaryPath(home.Account(account) + "/stacks/vad.json");
  REQUIRE(files.WriteNew(left, "half", 0600));
  REQUIRE(stacks.Lock(account));
  CHECK_FALSE(files.Exists(left));
}

TEST_CASE_METHOD(StacksWorld, "only the newest of the stacks that are gone are remembered") {
  for (std::size_t i = 0; i < limits::kDeletedStacks + 3; ++i) REQUIRE(stacks.Retire(account, "s", "id-" + std::to_string(i), {{"i", i}}));
  CHECK(stacks.Retired(account)->size() == limits::kDeletedStacks);
}
