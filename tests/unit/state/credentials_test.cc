#include "state/credentials.h"

#include <catch2/catch.hpp>
#include <atomic>
#include <cerrno>
#include <set>
#include <thread>

#include "state/account_edits.h"
#include "state/document.h"
#include "unit/state/state_world.h"

namespace smhost {
namespace {

bool AllOf(const std::string& text, const char* alphabet) {
  return text.find_first_not_of(alphabet) == std::string::npos;
}

// A file as it was before accounts.
void PutFirstFormat(StateWorld& world) {
  world.files.Put(world.home.Credentials(),
                  EncodeSealed({{kLocalAccount, {{"AccessKeyId", "AKIAOLD"}, {"SecretAccessKey", "oldsecret"}, {"BearerToken", "oldtoken"}}}}));
}

TEST_CASE("credentials are made at first use, look like AWS's, and stay the same from then on") {
  StateWorld world;
  CHECK(ReadCredentials(world.files, world.home).error().code == Code::kNotFound);
  auto made = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(made);
  REQUIRE(made->accounts.size() == 1);
  CHECK(made->local().root.id.size() == 20);
  CHECK(made->local().root.id.rfind("AKIA", 0) == 0);
  CHECK(AllOf(made->local().root.id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
  CHECK(made->local().root.secret.size() == 40);
  CHECK(AllOf(made->local().root.secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"));
  CHECK(made->session_secret.size() == 64);
  world.files.Crash();
  auto again = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(again);
  CHECK(again->local().root.secret == made->local().root.secret);
  CHECK(again->session_secret == made->session_secret);
  CHECK(world.files.Info(world.home.Credentials())->mode == 0600);

  StateWorld other;
  CHECK(EnsureCredentials(other.files, other.clock, other.home)->local().root.secret != made->local().root.secret);
}

TEST_CASE("several at once get the same credentials") {
  StateWorld world;
  std::vector<std::string> secrets(4);
  std::vector<std::thread> threads;
  for (std::string& secret : secrets)
    threads.emplace_back([&] { secret = EnsureCredentials(world.files, world.clock, world.home)->local().root.secret; });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::set<std::string>(secrets.begin(), secrets.end()).size() == 1);
}

TEST_CASE("several changes at once are all there afterwards") {
  StateWorld world;
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (char name = 'a'; name < 'i'; ++name)
    threads.emplace_back([&world, &done, name] {
      auto add = [name](Credentials& all) { return AddUser(all, kLocalAccount, std::string(1, name), Json::object()); };
      if (ChangeCredentials(world.files, world.clock, world.home, add)) ++done;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 8);
  CHECK(ReadCredentials(world.files, world.home)->local().users.size() == 8);
}

TEST_CASE("users, roles and policies come back from the file as they were, after a crash too") {
  StateWorld world;
  const Json policy = {{"Statement", {{"Effect", "Allow"}, {"Action", "*"}, {"Resource", "*"}}}};
  auto changed = ChangeCredentials(world.files, world.clock, world.home, [&](Credentials& all) -> Status {
    SMHOST_TRY(std::string id, AddAccount(all, "other", "123456789012"));
    SMHOST_TRY_STATUS(AddUser(all, id, "alice", policy));
    return AddRole(all, id, "reader", policy, {kLocalAccount, "arn:aws:iam::000000000000:user/bob"});
  });
  REQUIRE(changed);
  world.files.Crash();
  auto read = ReadCredentials(world.files, world.home);
  REQUIRE(read);
  const AccountRecord &was = changed->accounts.at("123456789012"), &is = read->accounts.at("123456789012");
  CHECK(is.name == "other");
  CHECK(is.root.id == was.root.id);
  CHECK(is.root.secret == was.root.secret);
  CHECK(is.users.at("alice").id == was.users.at("alice").id);
  CHECK(is.users.at("alice").key.secret == was.users.at("alice").key.secret);
  CHECK(is.users.at("alice").policy == policy);
  CHECK(is.roles.at("reader").id == was.roles.at("reader").id);
  CHECK(is.roles.at("reader").trusted == was.roles.at("reader").trusted);
  CHECK(read->Holds(was.root.id));
  CHECK(read->Holds(was.users.at("alice").key.id));
  CHECK_FALSE(read->Holds("AKIANONE"));
}

TEST_CASE("a change that is refused, or cannot be written, leaves the file as it was") {
  StateWorld world;
  REQUIRE(EnsureCredentials(world.files, world.clock, world.home));
  auto before = world.files.Get(world.home.Credentials());
  auto refused = ChangeCredentials(world.files, world.clock, world.home, [](Credentials& all) -> Status {
    all.accounts.clear();
    return Fail(Code::kInvalid, "no");
  });
  CHECK(refused.error().message == "no");
  CHECK(world.files.Get(world.home.Credentials()) == before);
  auto large = ChangeCredentials(world.files, world.clock, world.home, [](Credentials& all) {
    return AddUser(all, kLocalAccount, "big", Json(std::string(limits::kStateFileBytes, 'x')));
  });
  REQUIRE_FALSE(large);
  CHECK(large.error().code == Code::kTooLarge);
  CHECK(world.files.Get(world.home.Credentials()) == before);
}

TEST_CASE("a file from before accounts is read, and brought up to date with its keys at the first change") {
  StateWorld world;
  PutFirstFormat(world);
  auto read = ReadCredentials(world.files, world.home);
  REQUIRE(read);
  CHECK(read->local().root.id == "AKIAOLD");
  CHECK(read->session_secret.empty());
  auto ensured = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(ensured);
  CHECK(ensured->local().root.secret == "oldsecret");
  CHECK(ensured->session_secret.size() == 64);
  CHECK(ensured->quarantined.empty());
  auto again = ReadCredentials(world.files, world.home);
  REQUIRE(again);
  CHECK(again->session_secret == ensured->session_secret);
  CHECK(world.files.Get(world.home.Credentials()).find("oldtoken") == std::string::npos);
  CHECK(DecodeSealed(world.files.Get(world.home.Credentials()), "file").error().code == Code::kNewerFormat);  // what an older smhost sees
}

TEST_CASE("credentials of a newer smhost are left alone") {
  StateWorld world;
  world.files.Put(world.home.Credentials(), EncodeSealedAs(3, {{"Accounts", Json::object()}}));
  auto before = world.files.AllFiles();
  CHECK(EnsureCredentials(world.files, world.clock, world.home).error().code == Code::kNewerFormat);
  CHECK(world.files.AllFiles() == before);
}

TEST_CASE("damaged credentials are put aside and made anew, and no message quotes them") {
  StateWorld world;
  auto made = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(made);
  const std::string secret = made->local().root.secret;
  world.files.Put(world.home.Credentials(), "{\"SecretAccessKey\": \"" + secret + "\n");
  auto damaged = ReadCredentials(world.files, world.home);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == Code::kCorrupt);
  CHECK(damaged.error().message.find(secret.substr(0, 6)) == std::string::npos);
  auto anew = EnsureCredentials(world.files, world.clock, world.home);
  REQUIRE(anew);
  CHECK(anew->local().root.secret != secret);
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
    CHECK(EnsureCredentials(world.files, world.clock, world.home)->local().root.secret == made->local().root.secret);
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
