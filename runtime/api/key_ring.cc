#include "api/key_ring.h"

#include <map>

#include "api/policy.h"
#include "api/session_token.h"
#include "state/credentials.h"

namespace smhost {
namespace {

// A policy of the file that this program does not understand allows nothing.
std::shared_ptr<const Policy> PolicyOf(const Json& document) {
  auto policy = Policy::Parse(document);
  return policy ? *policy : Policy::Nothing();
}

class Keys final : public KeyRing {
 public:
  explicit Keys(Credentials credentials) : credentials_(std::move(credentials)) {
    for (const auto& [id, account] : credentials_.accounts) {
      Caller root = OwnerOf(id);
      root.access_key_id = account.root.id;
      keys_[account.root.id] = {account.root.secret, false, false, std::move(root)};
      for (const auto& [name, user] : account.users) AddUser(id, name, user);
      for (const auto& [name, role] : account.roles) role_policies_[role.id] = PolicyOf(role.policy);
    }
  }

  std::optional<SigningKey> Find(std::string_view access_key_id, std::string_view token, WallTime now) const override {
    if (!token.empty()) return FindSession(access_key_id, token, now);
    auto found = keys_.find(access_key_id);
    if (found == keys_.end()) return std::nullopt;
    return found->second;
  }

  bool HasAccount(std::string_view account) const override { return credentials_.accounts.count(std::string(account)) != 0; }

 private:
  void AddUser(const std::string& account, const std::string& name, const UserRecord& user) {
    auto policy = PolicyOf(user.policy);
    user_policies_[user.id] = policy;
    keys_[user.key.id] = {user.key.secret, false, false,
                          Caller{account, "arn:aws:iam::" + account + ":user/" + name, user.id, user.key.id, policy}};
  }

  std::optional<SigningKey> FindSession(std::string_view access_key_id, std::string_view token, WallTime now) const {
    auto claims = DecodeSessionToken(token, credentials_.session_secret);
    if (!claims || claims->access_key_id != access_key_id) return std::nullopt;
    auto caller = CallerOfSession(*claims);
    if (!caller) return std::nullopt;
    return SigningKey{SecretOfSessionKey(access_key_id, credentials_.session_secret), true, claims->expires <= now, std::move(*caller)};
  }

  // Nothing: who it acted for is gone. Its policy is that of now.
  std::optional<Caller> CallerOfSession(const SessionClaims& claims) const {
    auto account = credentials_.accounts.find(claims.account);
    if (account == credentials_.accounts.end()) return std::nullopt;
    Caller caller = OwnerOf(claims.account);
    if (!claims.role.empty()) {
      auto role = account->second.roles.find(claims.role);
      if (role == account->second.roles.end() || role->second.id != claims.principal_id) return std::nullopt;
      caller.arn = "arn:aws:sts::" + claims.account + ":assumed-role/" + claims.role + "/" + claims.session_name;
      caller.user_id = claims.principal_id + ":" + claims.session_name;
      caller.policy = role_policies_.at(claims.principal_id);
    } else if (!claims.user.empty()) {
      auto user = account->second.users.find(claims.user);
      if (user == account->second.users.end() || user->second.id != claims.principal_id) return std::nullopt;
      caller.arn = "arn:aws:iam::" + claims.account + ":user/" + claims.user;
      caller.user_id = claims.principal_id;
      caller.policy = user_policies_.at(claims.principal_id);
    }
    caller.access_key_id = claims.access_key_id;
    if (!claims.policy.is_null()) caller.policy = Policy::Intersection(caller.policy, PolicyOf(claims.policy));
    return caller;
  }

  const Credentials credentials_;
  std::map<std::string, SigningKey, std::less<>> keys_;
  std::map<std::string, std::shared_ptr<const Policy>> user_policies_, role_policies_;  // by the principal's id
};

}  // namespace

Result<std::shared_ptr<const KeyRing>> KeyRing::Read(Files& files, const Home& home) {
  SMHOST_TRY(Credentials credentials, ReadCredentials(files, home));
  return std::make_shared<const Keys>(std::move(credentials));
}

Caller OwnerOf(const std::string& account) {
  return {account, "arn:aws:iam::" + account + ":root", account, "", nullptr};
}

}  // namespace smhost
