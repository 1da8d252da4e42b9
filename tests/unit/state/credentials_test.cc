#include "state/credentials.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <set>
#include <thread>

#include "unit/state/state_world.h"

namespace smhost {
namespace {

bool AllOf(const std::string& text, const char* alphabet) {
  return text.find_first_not_of(alphabet) == std::string::npos;
}

TEST_CASE("credentials are made at first use, look like AWS's, and stay the same from then on") {
  StateWorld world;
  CHECK(ReadCredentials(world.files, world.home).error().code == Code::kNotFound);
  auto made = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(made);
  CHECK(made->account == kLocalAccount);
  CHECK(made->access_key_id.size() == 20);
  CHECK(made->access_key_id.rfind("AKIA", 0) == 0);
  CHECK(AllOf(made->access_key_id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
  CHECK(made->secret_access_key.size() == 40);
  CHECK(AllOf(made->secret_access_key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"));
  CHECK(made->bearer_token.size() == 43);
  CHECK(AllOf(made->bearer_token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"));
  world.files.Crash();
  auto again = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(again);
  CHECK(again->secret_access_key == made->secret_access_key);
  CHECK(again->bearer_token == made->bearer_token);
  CHECK(world.files.Info(world.home.Credentials())->mode == 0600);

  StateWorld other;
  CHECK(EnsureCredentials(other.files, other.clock, other.home)->bearer_token != made->bearer_token);
}

TEST_CASE("several at once get the same credentials") {
  StateWorld world;
  std::vector<std::string> tokens(4);
  std::vector<std::thread> threads;
  for (std::string& token : tokens)
    threads.emplace_back([&] { token = EnsureCredentials(world.files, world.clock, world.home)->bearer_token; });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::set<std::string>(tokens.begin(), tokens.end()).size() == 1);
}

TEST_CASE("damaged credentials are put aside and made anew, and no message quotes them") {
  StateWorld world;
  auto made = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(made);
  std::string text = world.files.Get(world.home.Credentials());
  world.files.Put(world.home.Credentials(), "{\"SecretAccessKey\": \"" + made->secret_access_key + "\n");
  auto damaged = ReadCredentials(world.files, world.home);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == Code::kCorrupt);
  CHECK(damaged.error().message.find(made->secret_access_key.substr(0, 6)) == std::string::npos);
  auto anew = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(anew);
  CHECK(anew->secret_access_key != made->secret_access_key);
  CHECK(world.Quarantined() == std::vector<std::string>{anew->quarantined});
}

TEST_CASE("credentials that cannot be written are not given out") {
  for (int n = 1; n <= 3; ++n) {
    StateWorld world;
    world.files.FailCall(n, ENOSPC);
    CHECK_FALSE(EnsureCredentials(world.files, world.clock, world.home));
    auto made = EnsureCredentials(world.files, world.clock, world.home);
    REQUIRE(made);
    if (n < 3) world.files.Crash();
    CHECK(EnsureCredentials(world.files, world.clock, world.home)->bearer_token == made->bearer_token);
  }
}

TEST_CASE("credentials that cannot be read now are not replaced") {
  StateWorld world;
  REQUIRE(EnsureCredentials(world.files, world.clock, world.home));
  auto before = world.files.AllFiles();
  world.files.FailRead(world.home.Credentials(), EIO);
  CHECK(EnsureCredentials(world.files, world.clock, world.home).error().code == Code::kUnavailable);
  CHECK(world.files.AllFiles() == before);
}

}  // namespace
}  // namespace smhost
