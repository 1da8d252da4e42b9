#include "state/account_edits.h"

#include <catch2/catch.hpp>

#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr const char* kOther = "123456789012";
const Json kPolicy = {{"Statement", Json::array()}};

Credentials Known() {
  Credentials all;
  all.accounts[kLocalAccount].root = MakeAccessKey();
  all.accounts[kOther] = {"other", MakeAccessKey(), {}, {}};
  return all;
}

Code CodeOf(const Status& status) { return status ? Code::kInternal : status.error().code; }

TEST_CASE("an account is made with a new id or the one asked for, and id and name are its own") {
  Credentials all = Known();
  auto made = AddAccount(all, "third", "");
  REQUIRE(made);
  CHECK(made->size() == 12);
  CHECK(made->find_first_not_of("0123456789") == std::string::npos);
  CHECK(all.accounts.at(*made).name == "third");
  CHECK(AddAccount(all, "", "111111111111") == std::string("111111111111"));
  CHECK(AddAccount(all, "x", kOther).error().code == Code::kConflict);
  CHECK(AddAccount(all, "other", "").error().code == Code::kConflict);
  CHECK(AddAccount(all, "a b", "").error().code == Code::kInvalid);
  CHECK(AddAccount(all, "222222222222", "").error().code == Code::kInvalid);
  CHECK(AddAccount(all, "y", "12").error().code == Code::kInvalid);
}

TEST_CASE("an account is found by its id and by its name") {
  Credentials all = Known();
  CHECK(FindAccount(all, kOther) == std::string(kOther));
  CHECK(FindAccount(all, "other") == std::string(kOther));
  auto none = FindAccount(all, "othr");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::kNotFound);
  CHECK(none.error().message.find("did you mean other?") != std::string::npos);
  CHECK(none.error().message.find("smhost account create") != std::string::npos);
  CHECK_FALSE(FindAccount(all, ""));  // the local one has no name
}

TEST_CASE("any account but the local one can go") {
  Credentials all = Known();
  CHECK(CodeOf(RemoveAccount(all, kLocalAccount)) == Code::kInvalid);
  CHECK(CodeOf(RemoveAccount(all, "999999999999")) == Code::kNotFound);
  CHECK(RemoveAccount(all, kOther));
  CHECK(all.accounts.size() == 1);
}

TEST_CASE("users and roles are the account's own, and each can be changed and removed") {
  Credentials all = Known();
  REQUIRE(AddUser(all, kOther, "alice", kPolicy));
  REQUIRE(AddRole(all, kOther, "alice", kPolicy, {}));  // a role of a user's name is another thing
  REQUIRE(AddUser(all, kLocalAccount, "alice", kPolicy));
  CHECK(CodeOf(AddUser(all, kOther, "alice", kPolicy)) == Code::kConflict);
  CHECK(CodeOf(AddRole(all, kOther, "alice", kPolicy, {})) == Code::kConflict);
  CHECK(CodeOf(AddUser(all, "999999999999", "bob", kPolicy)) == Code::kNotFound);
  for (const char* bad : {"", "a/b", "a b", "..\n"}) CHECK(CodeOf(AddUser(all, kOther, bad, kPolicy)) == Code::kInvalid);
  CHECK(CodeOf(AddUser(all, kOther, std::string(65, 'a'), kPolicy)) == Code::kInvalid);

  const Json other = {{"Statement", {{"Effect", "Deny"}}}};
  CHECK(ChangePolicy(all, kOther, {"alice", ""}, other, std::nullopt));
  CHECK(all.accounts.at(kOther).users.at("alice").policy == other);
  CHECK(all.accounts.at(kOther).roles.at("alice").policy == kPolicy);
  CHECK(all.accounts.at(kLocalAccount).users.at("alice").policy == kPolicy);
  CHECK(ChangePolicy(all, kOther, {"", "alice"}, std::nullopt, std::vector<std::string>{kLocalAccount}));
  CHECK(all.accounts.at(kOther).roles.at("alice").policy == kPolicy);
  CHECK(all.accounts.at(kOther).roles.at("alice").trusted == std::vector<std::string>{kLocalAccount});
  CHECK(CodeOf(ChangePolicy(all, kOther, {"bob", ""}, other, std::nullopt)) == Code::kNotFound);

  CHECK(RemovePrincipal(all, kOther, {"alice", ""}));
  CHECK(CodeOf(RemovePrincipal(all, kOther, {"alice", ""})) == Code::kNotFound);
  CHECK(all.accounts.at(kOther).roles.count("alice") == 1);
}

TEST_CASE("a role trusts accounts, roots and users, and nothing else") {
  Credentials all = Known();
  for (const char* good : {"123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:user/alice"}) {
    INFO(good);
    CHECK(AddRole(all, kLocalAccount, "role" + std::to_string(all.local().roles.size()), kPolicy, {good}));
  }
  for (const char* bad : {"", "*", "12", "arn:aws:iam::12:root", "arn:aws:iam::123456789012:group/g", "arn:aws:iam::123456789012:"}) {
    INFO(bad);
    CHECK(CodeOf(AddRole(all, kLocalAccount, "bad", kPolicy, {bad})) == Code::kInvalid);
  }
}

TEST_CASE("rotating replaces one key and leaves all others") {
  Credentials all = Known();
  REQUIRE(AddUser(all, kOther, "alice", kPolicy));
  const AccountRecord before = all.accounts.at(kOther);
  REQUIRE(RotateKey(all, kOther, "alice"));
  const AccountRecord& now = all.accounts.at(kOther);
  CHECK(now.users.at("alice").key.id != before.users.at("alice").key.id);
  CHECK(now.users.at("alice").id == before.users.at("alice").id);
  CHECK(now.root.id == before.root.id);
  REQUIRE(RotateKey(all, kOther, ""));
  CHECK(now.root.secret != before.root.secret);
  CHECK(CodeOf(RotateKey(all, kOther, "bob")) == Code::kNotFound);
  CHECK(KeyOf(all, kOther, "alice")->id == now.users.at("alice").key.id);
  CHECK(KeyOf(all, kOther, "")->id == now.root.id);
  CHECK(KeyOf(all, kOther, "bob").error().code == Code::kNotFound);
}

TEST_CASE("there are bounds to accounts, users, roles and those that a role trusts") {
  Credentials all = Known();
  for (std::size_t i = 0; i < limits::kUsersOfAccount; ++i) REQUIRE(AddUser(all, kOther, "u" + std::to_string(i), kPolicy));
  CHECK(CodeOf(AddUser(all, kOther, "more", kPolicy)) == Code::kTooLarge);
  for (std::size_t i = 0; i < limits::kRolesOfAccount; ++i) REQUIRE(AddRole(all, kOther, "r" + std::to_string(i), kPolicy, {}));
  CHECK(CodeOf(AddRole(all, kOther, "more", kPolicy, {})) == Code::kTooLarge);
  CHECK(CodeOf(AddRole(all, kLocalAccount, "r", kPolicy, std::vector<std::string>(limits::kPrincipalsOfRole + 1, kOther))) == Code::kTooLarge);
  while (all.accounts.size() < limits::kAccounts) REQUIRE(AddAccount(all, "", ""));
  CHECK(AddAccount(all, "", "").error().code == Code::kTooLarge);
}

}  // namespace
}  // namespace smhost
