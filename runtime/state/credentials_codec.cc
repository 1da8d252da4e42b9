#include "state/credentials_codec.h"

#include "state/document.h"
#include "state/naming.h"
#include "state/stored_file.h"

namespace smhost {
namespace {

// 1: the keys of the local account alone, by its id, and a token that nothing takes any more.
constexpr int kCredentialsFormat = 2;

Json EncodeKey(const AccessKey& key) { return {{"AccessKeyId", key.id}, {"SecretAccessKey", key.secret}}; }

AccessKey DecodeKey(const Json& json) { return {StringOr(json, "AccessKeyId"), StringOr(json, "SecretAccessKey")}; }

bool IsWhole(const AccessKey& key) { return !key.id.empty() && !key.secret.empty(); }

Json EncodeAccount(const AccountRecord& account) {
  Json users = Json::object(), roles = Json::object();
  for (const auto& [name, user] : account.users)
    users[name] = {{"UserId", user.id}, {"Key", EncodeKey(user.key)}, {"Policy", user.policy}};
  for (const auto& [name, role] : account.roles)
    roles[name] = {{"RoleId", role.id}, {"Policy", role.policy}, {"Trusted", role.trusted}};
  return {{"Name", account.name}, {"Root", EncodeKey(account.root)}, {"Users", users}, {"Roles", roles}};
}

std::vector<std::string> TextsOf(const Json& array) {
  std::vector<std::string> texts;
  for (const Json& one : array)
    if (one.is_string()) texts.push_back(one.get<std::string>());
  return texts;
}

// Nothing: a part of it is missing.
std::optional<AccountRecord> DecodeAccount(const Json& json) {
  AccountRecord account{StringOr(json, "Name"), DecodeKey(MemberOr(json, "Root")), {}, {}};
  if (!IsWhole(account.root)) return std::nullopt;
  for (const auto& [name, user] : MemberOr(json, "Users").items()) {
    UserRecord record{StringOr(user, "UserId"), DecodeKey(MemberOr(user, "Key")), MemberOr(user, "Policy")};
    if (record.id.empty() || !IsWhole(record.key)) return std::nullopt;
    account.users.emplace(name, std::move(record));
  }
  for (const auto& [name, role] : MemberOr(json, "Roles").items()) {
    RoleRecord record{StringOr(role, "RoleId"), MemberOr(role, "Policy"), TextsOf(MemberOr(role, "Trusted"))};
    if (record.id.empty()) return std::nullopt;
    account.roles.emplace(name, std::move(record));
  }
  return account;
}

tl::unexpected<Error> Incomplete(const std::string& path, const std::string& what) {
  return Fail(Code::kCorrupt, path + ": is damaged: it holds no credentials of " + what);
}

Result<Credentials> DecodeFirstFormat(const Json& content, const std::string& path) {
  const Json& local = MemberOr(content, kLocalAccount);
  Credentials credentials;
  AccessKey root = DecodeKey(local);
  if (!IsWhole(root)) return Incomplete(path, std::string("account ") + kLocalAccount);
  credentials.accounts[kLocalAccount] = {"", std::move(root), {}, {}};
  return credentials;
}

}  // namespace

std::string EncodeCredentials(const Credentials& credentials) {
  Json accounts = Json::object();
  for (const auto& [id, account] : credentials.accounts) accounts[id] = EncodeAccount(account);
  return EncodeSealedAs(kCredentialsFormat, {{"SessionSecret", credentials.session_secret}, {"Accounts", accounts}});
}

Result<Credentials> DecodeCredentials(const std::string& text, const std::string& path) {
  auto sealed = DecodeSealedUpTo(kCredentialsFormat, text, path);
  // The parser's own words may quote a piece of a secret.
  if (!sealed && IsDamage(sealed.error())) return Fail(Code::kCorrupt, path + ": is damaged");
  SMHOST_TRY(Json content, std::move(sealed));
  if (!content.is_object() || !content.contains("Accounts")) return DecodeFirstFormat(content, path);
  Credentials credentials;
  credentials.session_secret = StringOr(content, "SessionSecret");
  for (const auto& [id, json] : MemberOr(content, "Accounts").items()) {
    auto account = DecodeAccount(json);
    if (!account || !CheckAccount(id)) return Incomplete(path, "account " + id);
    credentials.accounts.emplace(id, std::move(*account));
  }
  if (credentials.accounts.count(kLocalAccount) == 0) return Incomplete(path, std::string("account ") + kLocalAccount);
  if (credentials.session_secret.empty()) return Incomplete(path, "sessions");
  return credentials;
}

}  // namespace smhost
