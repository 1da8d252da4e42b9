#include "api/sts_service.h"

#include <catch2/catch.hpp>

#include "api/key_ring.h"
#include "api/policy.h"
#include "state/account_edits.h"
#include "unit/state/state_world.h"

namespace smhost {
namespace {

constexpr const char* kOther = "123456789012";
constexpr const char* kReader = "arn:aws:iam::000000000000:role/reader";

Json Allowing(const Json& actions) {
  return {{"Version", "2012-10-17"}, {"Statement", {{"Effect", "Allow"}, {"Action", actions}, {"Resource", "*"}}}};
}

struct StsWorld : StateWorld {
  Store store{files, clock, home};
  ApiContext context{files, clock, home, kRegion, store, "http://127.0.0.1:8790"};
  std::unique_ptr<ApiService> sts = MakeStsService(context);

  StsWorld() {
    Change([](Credentials& all) -> Status {
      SMHOST_TRY(std::string ignored, AddAccount(all, "other", kOther));
      SMHOST_TRY_STATUS(AddUser(all, kLocalAccount, "alice", Allowing("sts:AssumeRole")));
      SMHOST_TRY_STATUS(AddUser(all, kLocalAccount, "bob", Allowing("sagemaker:*")));
      SMHOST_TRY_STATUS(AddRole(all, kLocalAccount, "reader", Allowing({"sagemaker:List*", "sts:AssumeRole"}), {}));
      return AddRole(all, kOther, "guest", Allowing("sagemaker:*"), {kLocalAccount});
    });
  }

  void Change(const std::function<Status(Credentials&)>& change) { REQUIRE(ChangeCredentials(files, clock, home, change)); }
  Credentials Now() { return *ReadCredentials(files, home); }
  ApiResult<Json> Call(const std::string& operation, const Json& input, const Caller& caller) {
    return sts->Call(operation, input, caller, "request");
  }
  Caller User(const std::string& name) {
    return (*KeyRing::Read(files, home))->Find(Now().local().users.at(name).key.id, "", clock.Wall())->caller;
  }
  // Who signs with what an operation gave out.
  std::optional<SigningKey> KeyOf(const Json& output) {
    const Json& given = output.at("Credentials");
    auto key = (*KeyRing::Read(files, home))->Find(StringOr(given, "AccessKeyId"), StringOr(given, "SessionToken"), clock.Wall());
    if (key) CHECK(key->secret == StringOr(given, "SecretAccessKey"));
    return key;
  }
  std::int64_t SecondsLeft(const Json& output) {
    return IntOr(output.at("Credentials"), "Expiration") -
           std::chrono::duration_cast<std::chrono::seconds>(clock.Wall().time_since_epoch()).count();
  }
};

Json Assume(const std::string& arn, const Json& more = Json::object()) {
  Json input = {{"RoleArn", arn}, {"RoleSessionName", "session-1"}};
  input.update(more);
  return input;
}

TEST_CASE("GetCallerIdentity says who signed, whatever the caller's policy allows") {
  StsWorld world;
  CHECK(world.Call("GetCallerIdentity", {}, OwnerOf(kOther)) ==
        Json{{"Account", kOther}, {"Arn", "arn:aws:iam::123456789012:root"}, {"UserId", kOther}});
  const Caller bob = world.User("bob");
  CHECK(world.Call("GetCallerIdentity", {}, bob) ==
        Json{{"Account", kLocalAccount}, {"Arn", "arn:aws:iam::000000000000:user/bob"}, {"UserId", bob.user_id}});
}

TEST_CASE("AssumeRole gives credentials that sign as the role's session, with the role's policy") {
  StsWorld world;
  auto output = world.Call("AssumeRole", Assume(kReader), world.User("alice"));
  REQUIRE(output);
  const std::string role_id = world.Now().local().roles.at("reader").id;
  CHECK(output->at("AssumedRoleUser") ==
        Json{{"Arn", "arn:aws:sts::000000000000:assumed-role/reader/session-1"}, {"AssumedRoleId", role_id + ":session-1"}});
  CHECK(world.SecondsLeft(*output) == 3600);
  CHECK_FALSE(output->contains("PackedPolicySize"));
  auto key = world.KeyOf(*output);
  REQUIRE(key);
  CHECK(key->caller.arn == "arn:aws:sts::000000000000:assumed-role/reader/session-1");
  CHECK(key->caller.policy->Decide("sagemaker:ListModels", "*") == Policy::Decision::kAllowed);
  CHECK(key->caller.policy->Decide("sagemaker:DeleteModel", "*") == Policy::Decision::kNoStatement);
  auto identity = world.Call("GetCallerIdentity", {}, key->caller);
  REQUIRE(identity);
  CHECK(identity->at("UserId") == role_id + ":session-1");
}

TEST_CASE("a role's ARN may have a path, as those that AWS's console makes") {
  StsWorld world;
  auto output = world.Call("AssumeRole", Assume("arn:aws:iam::000000000000:role/service-role/reader"), OwnerOf(kLocalAccount));
  REQUIRE(output);
  CHECK(output->at("AssumedRoleUser").at("Arn") == "arn:aws:sts::000000000000:assumed-role/reader/session-1");
}

TEST_CASE("a session policy restricts further, is checked, and is bounded") {
  StsWorld world;
  const Caller owner = OwnerOf(kLocalAccount);
  auto output = world.Call("AssumeRole", Assume(kReader, {{"Policy", CompactJson(Allowing("sagemaker:ListModels"))}}), owner);
  REQUIRE(output);
  CHECK(IntOr(*output, "PackedPolicySize") > 0);
  auto key = world.KeyOf(*output);
  REQUIRE(key);
  CHECK(key->caller.policy->Decide("sagemaker:ListModels", "*") == Policy::Decision::kAllowed);
  CHECK(key->caller.policy->Decide("sagemaker:ListEndpoints", "*") == Policy::Decision::kNoSessionStatement);

  auto code = [&](const std::string& policy) { return world.Call("AssumeRole", Assume(kReader, {{"Policy", policy}}), owner).error().code; };
  CHECK(code("{") == "MalformedPolicyDocument");
  CHECK(code("{\"Statement\":[]}") == "MalformedPolicyDocument");
  Json resources = Json::array();
  while (CompactJson(resources).size() < 2048) resources.push_back("arn:aws:sagemaker:*:*:endpoint/*");
  CHECK(code(CompactJson({{"Statement", {{"Effect", "Allow"}, {"Action", "*"}, {"Resource", resources}}}})) == "PackedPolicyTooLarge");
}

TEST_CASE("AssumeRole asks the caller's policy, then the role's trust, and does not tell which roles there are") {
  StsWorld world;
  auto refused = world.Call("AssumeRole", Assume(kReader), world.User("bob"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "AccessDenied");
  CHECK(refused.error().status == 403);
  CHECK(refused.error().message ==
        "User: arn:aws:iam::000000000000:user/bob is not authorized to perform: sts:AssumeRole on resource: " + std::string(kReader) +
            " because no identity-based policy allows the sts:AssumeRole action");
  // Of another account without trust, and not there at all: the same words.
  for (const std::string& arn : {std::string(kReader), std::string("arn:aws:iam::000000000000:role/none")}) {
    auto other = world.Call("AssumeRole", Assume(arn), OwnerOf(kOther));
    REQUIRE_FALSE(other);
    CHECK(other.error().message == "User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRole on resource: " + arn);
  }
}

TEST_CASE("a role that trusts another account is taken from there, and only what it trusts takes it") {
  StsWorld world;
  const std::string guest = "arn:aws:iam::123456789012:role/guest";
  auto output = world.Call("AssumeRole", Assume(guest), world.User("alice"));
  REQUIRE(output);
  CHECK(world.KeyOf(*output)->caller.account == kOther);
  CHECK_FALSE(world.Call("AssumeRole", Assume(guest), OwnerOf(kOther)));
  world.Change([](Credentials& all) {
    return ChangePolicy(all, kOther, {"", "guest"}, std::nullopt, std::vector<std::string>{"arn:aws:iam::000000000000:user/carol"});
  });
  CHECK_FALSE(world.Call("AssumeRole", Assume(guest), world.User("alice")));
}

TEST_CASE("the session of a role takes another role for an hour at most") {
  StsWorld world;
  auto first = world.Call("AssumeRole", Assume(kReader, {{"DurationSeconds", 43200}}), OwnerOf(kLocalAccount));
  REQUIRE(first);
  CHECK(world.SecondsLeft(*first) == 43200);
  const Caller session = world.KeyOf(*first)->caller;
  CHECK(world.Call("AssumeRole", Assume(kReader, {{"DurationSeconds", 3600}}), session));
  auto longer = world.Call("AssumeRole", Assume(kReader, {{"DurationSeconds", 3601}}), session);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code == "ValidationError");
}

TEST_CASE("AssumeRole refuses what it cannot do, each with the rule") {
  StsWorld world;
  const Caller owner = OwnerOf(kLocalAccount);
  auto code = [&](const Json& input) { return world.Call("AssumeRole", input, owner).error().code; };
  for (const char* arn : {"reader", "arn:aws:iam::000000000000:user/reader", "arn:aws:iam::12:role/reader", "arn:aws:iam::000000000000:role/", ""})
    CHECK(code(Assume(arn)) == "ValidationError");
  CHECK(code(Assume(kReader, {{"RoleSessionName", "a/b"}})) == "ValidationError");
  CHECK(code(Assume(kReader, {{"DurationSeconds", 899}})) == "ValidationError");
  CHECK(code(Assume(kReader, {{"DurationSeconds", 43201}})) == "ValidationError");
  CHECK(code(Assume(kReader, {{"PolicyArns", {{{"arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"}}}}})) == "ValidationError");
  CHECK(code(Assume(kReader, {{"SerialNumber", "arn:aws:iam::000000000000:mfa/me"}, {"TokenCode", "123456"}})) == "AccessDenied");
}

TEST_CASE("GetSessionToken gives a user's session the user's rights, and a root's an hour") {
  StsWorld world;
  auto output = world.Call("GetSessionToken", {}, world.User("bob"));
  REQUIRE(output);
  CHECK(world.SecondsLeft(*output) == 43200);
  auto key = world.KeyOf(*output);
  REQUIRE(key);
  CHECK(key->caller.arn == "arn:aws:iam::000000000000:user/bob");
  CHECK(key->caller.policy->Decide("sts:AssumeRole", "*") == Policy::Decision::kNoStatement);
  auto again = world.Call("GetSessionToken", {}, key->caller);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "AccessDenied");

  auto root = world.Call("GetSessionToken", {{"DurationSeconds", 129600}}, OwnerOf(kOther));
  REQUIRE(root);
  CHECK(world.SecondsLeft(*root) == 3600);
  CHECK(world.KeyOf(*root)->caller.arn == "arn:aws:iam::123456789012:root");
  CHECK(world.Call("GetSessionToken", {{"DurationSeconds", 129601}}, OwnerOf(kOther)).error().code == "ValidationError");
}

TEST_CASE("GetAccessKeyInfo tells the account of long-lived and of temporary keys") {
  StsWorld world;
  const Caller owner = OwnerOf(kLocalAccount);
  auto account = [&](const std::string& id) {
    auto output = world.Call("GetAccessKeyInfo", {{"AccessKeyId", id}}, owner);
    return output ? StringOr(*output, "Account") : output.error().code;
  };
  const Credentials now = world.Now();
  CHECK(account(now.accounts.at(kOther).root.id) == kOther);
  CHECK(account(now.local().users.at("bob").key.id) == kLocalAccount);
  auto session = world.Call("GetSessionToken", {}, OwnerOf(kOther));
  REQUIRE(session);
  CHECK(account(session->at("Credentials").at("AccessKeyId")) == kOther);
  CHECK(account("AKIAAAAAAAAAAAAAAAAA") == "ValidationError");
  CHECK(world.Call("GetAccessKeyInfo", {{"AccessKeyId", "x"}}, world.User("bob")).error().code == "AccessDenied");
}

TEST_CASE("operations that are not built say so") {
  StsWorld world;
  CHECK(world.Call("DecodeAuthorizationMessage", {{"EncodedMessage", "x"}}, OwnerOf(kLocalAccount)).error().code ==
        "InvalidAuthorizationMessageException");
  auto none = world.Call("AssumeRoleWithSAML", {}, OwnerOf(kLocalAccount));
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("AssumeRoleWithSAML is not built") != std::string::npos);
}

}  // namespace
}  // namespace smhost
