#include "api/key_ring.h"

#include <catch2/catch.hpp>

#include "api/policy.h"
#include "api/session_token.h"
#include "state/account_edits.h"
#include "unit/state/state_world.h"

namespace smhost {
namespace {

constexpr const char* kOther = "123456789012";

Json Allowing(const char* action) {
  return {{"Version", "2012-10-17"}, {"Statement", {{"Effect", "Allow"}, {"Action", action}, {"Resource", "*"}}}};
}

struct RingWorld : StateWorld {
  Credentials credentials;

  RingWorld() {
    Change([](Credentials& all) -> Status {
      SMHOST_TRY(std::string ignored, AddAccount(all, "other", kOther));
      SMHOST_TRY_STATUS(AddUser(all, kOther, "alice", Allowing("sagemaker:InvokeEndpoint")));
      return AddRole(all, kOther, "reader", Allowing("sagemaker:*"), {});
    });
  }

  void Change(const std::function<Status(Credentials&)>& change) {
    auto changed = ChangeCredentials(files, clock, home, change);
    REQUIRE(changed);
    credentials = *changed;
  }
  std::shared_ptr<const KeyRing> Ring() {
    auto ring = KeyRing::Read(files, home);
    REQUIRE(ring);
    return *ring;
  }
  SessionClaims Claims() const {
    SessionClaims claims;
    claims.access_key_id = MakeSessionKeyId(kOther);
    claims.account = kOther;
    claims.expires = clock.Wall() + std::chrono::hours(1);
    return claims;
  }
  std::string Token(const SessionClaims& claims) const { return EncodeSessionToken(claims, credentials.session_secret); }
};

TEST_CASE("the key ring knows root and user keys, each with its account, ARN and policy") {
  RingWorld world;
  auto ring = world.Ring();
  const AccountRecord& other = world.credentials.accounts.at(kOther);
  auto root = ring->Find(other.root.id, "", world.clock.Wall());
  REQUIRE(root);
  CHECK(root->secret == other.root.secret);
  CHECK_FALSE(root->token_needed);
  CHECK(root->caller.account == kOther);
  CHECK(root->caller.arn == "arn:aws:iam::123456789012:root");
  CHECK(root->caller.user_id == kOther);
  CHECK(root->caller.access_key_id == other.root.id);
  CHECK(root->caller.policy == nullptr);

  auto user = ring->Find(other.users.at("alice").key.id, "", world.clock.Wall());
  REQUIRE(user);
  CHECK(user->secret == other.users.at("alice").key.secret);
  CHECK(user->caller.arn == "arn:aws:iam::123456789012:user/alice");
  CHECK(user->caller.user_id == other.users.at("alice").id);
  REQUIRE(user->caller.policy);
  CHECK(user->caller.policy->Decide("sagemaker:DeleteModel", "*") == Policy::Decision::kNoStatement);

  CHECK(ring->Find(world.credentials.local().root.id, "", world.clock.Wall())->caller.account == kLocalAccount);
  CHECK_FALSE(ring->Find("AKIAAAAAAAAAAAAAAAAA", "", world.clock.Wall()));
  CHECK_FALSE(ring->Find(other.root.id, "a token", world.clock.Wall()));
  CHECK(ring->HasAccount(kOther));
  CHECK_FALSE(ring->HasAccount("999999999999"));
}

TEST_CASE("there is no key ring before there are credentials") {
  StateWorld world;
  CHECK(KeyRing::Read(world.files, world.home).error().code == Code::kNotFound);
}

TEST_CASE("a session's token and key id say all there is to know, and no file keeps them") {
  RingWorld world;
  SessionClaims claims = world.Claims();
  const RoleRecord& role = world.credentials.accounts.at(kOther).roles.at("reader");
  claims.role = "reader";
  claims.principal_id = role.id;
  claims.session_name = "today";
  claims.policy = Allowing("sagemaker:List*");
  auto before = world.files.AllFiles();
  auto found = world.Ring()->Find(claims.access_key_id, world.Token(claims), world.clock.Wall());
  CHECK(world.files.AllFiles() == before);
  REQUIRE(found);
  CHECK(found->token_needed);
  CHECK_FALSE(found->expired);
  CHECK(found->secret == SecretOfSessionKey(claims.access_key_id, world.credentials.session_secret));
  CHECK(found->secret.size() == 40);
  CHECK(found->caller.arn == "arn:aws:sts::123456789012:assumed-role/reader/today");
  CHECK(found->caller.user_id == role.id + ":today");
  CHECK(found->caller.account == kOther);
  CHECK(found->caller.policy->Decide("sagemaker:ListModels", "*") == Policy::Decision::kAllowed);
  CHECK(found->caller.policy->Decide("sagemaker:DeleteModel", "*") == Policy::Decision::kNoSessionStatement);
  CHECK(found->caller.policy->Decide("s3:GetObject", "*") == Policy::Decision::kNoStatement);
}

TEST_CASE("a session expires at its time") {
  RingWorld world;
  SessionClaims claims = world.Claims();
  const std::string token = world.Token(claims);
  world.clock.Advance(std::chrono::minutes(59));
  CHECK_FALSE(world.Ring()->Find(claims.access_key_id, token, world.clock.Wall())->expired);
  world.clock.Advance(std::chrono::minutes(1));
  CHECK(world.Ring()->Find(claims.access_key_id, token, world.clock.Wall())->expired);
}

TEST_CASE("a token that was changed, cut, made elsewhere, or is another session's opens nothing") {
  RingWorld world, elsewhere;
  SessionClaims claims = world.Claims();
  const std::string token = world.Token(claims);
  auto ring = world.Ring();
  auto opens = [&](const std::string& id, const std::string& text) { return ring->Find(id, text, world.clock.Wall()).has_value(); };
  REQUIRE(opens(claims.access_key_id, token));
  // The last character of 32 bytes in base64url holds two bits that no byte has; all others count.
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK_FALSE(opens(claims.access_key_id, changed));
  }
  for (std::size_t size = 0; size < token.size(); ++size) CHECK_FALSE(opens(claims.access_key_id, token.substr(0, size)));
  CHECK_FALSE(opens(MakeSessionKeyId(kOther), token));
  CHECK_FALSE(opens(claims.access_key_id, elsewhere.Token(claims)));
  CHECK_FALSE(opens(claims.access_key_id, EncodeSessionToken(claims, "")));
  CHECK_FALSE(opens(claims.access_key_id, std::string(1 << 20, 'A') + "." + std::string(43, 'A')));
}

TEST_CASE("a session ends with the user, role or account that it acts for, and not before") {
  RingWorld world;
  const AccountRecord& other = world.credentials.accounts.at(kOther);
  SessionClaims user = world.Claims(), role = world.Claims(), root = world.Claims();
  user.user = "alice";
  user.principal_id = other.users.at("alice").id;
  role.role = "reader";
  role.principal_id = other.roles.at("reader").id;
  role.session_name = "s1";
  auto opens = [&](const SessionClaims& claims) {
    return world.Ring()->Find(claims.access_key_id, world.Token(claims), world.clock.Wall()).has_value();
  };
  CHECK(opens(user));
  CHECK(opens(role));
  CHECK(opens(root));
  // Others of the same names are others.
  world.Change([](Credentials& all) -> Status {
    SMHOST_TRY_STATUS(RemovePrincipal(all, kOther, {"alice", ""}));
    SMHOST_TRY_STATUS(RemovePrincipal(all, kOther, {"", "reader"}));
    SMHOST_TRY_STATUS(AddUser(all, kOther, "alice", Allowing("*")));
    return AddRole(all, kOther, "reader", Allowing("*"), {});
  });
  CHECK_FALSE(opens(user));
  CHECK_FALSE(opens(role));
  CHECK(opens(root));
  world.Change([](Credentials& all) { return RemoveAccount(all, kOther); });
  CHECK_FALSE(opens(root));
}

TEST_CASE("a policy in the file that is not understood allows nothing") {
  RingWorld world;
  world.Change([](Credentials& all) {
    Json conditional = Allowing("*");
    conditional["Statement"]["Condition"] = {{"Bool", {{"aws:SecureTransport", "true"}}}};
    return ChangePolicy(all, kOther, {"alice", ""}, conditional, std::nullopt);
  });
  auto found = world.Ring()->Find(world.credentials.accounts.at(kOther).users.at("alice").key.id, "", world.clock.Wall());
  REQUIRE(found);
  CHECK(Authorize(found->caller, "sagemaker:ListModels", "*"));
}

TEST_CASE("a session's key id says its account") {
  for (const char* account : {"000000000000", "123456789012", "999999999999"}) {
    const std::string id = MakeSessionKeyId(account);
    CHECK(id.size() == 20);
    CHECK(id.rfind("ASIA", 0) == 0);
    CHECK(AccountOfSessionKey(id) == std::string(account));
    CHECK(MakeSessionKeyId(account) != id);
  }
  for (const char* none : {"", "ASIA", "AKIAAAAAAAAAAAAAAAAA", "ASIA7777777777777777", "ASIA1AAAAAAAAAAAAAAA"})
    CHECK_FALSE(AccountOfSessionKey(none));
}

}  // namespace
}  // namespace smhost
