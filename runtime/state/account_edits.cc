#include "state/account_edits.h"

#include <algorithm>

#include "base/limits_api.h"
#include "base/random.h"
#include "resources/fault.h"
#include "resources/nearest.h"
#include "state/naming.h"

namespace smhost {
namespace {

constexpr std::string_view kNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";

std::string Label(const std::string& account) { return "account " + account; }

// IAM's rule for users and roles; also a part of ARNs.
Status CheckName(const char* what, const std::string& name) {
  if (!name.empty() && name.size() <= limits::kPrincipalNameLength && name.find_first_not_of(kNameCharacters) == name.npos) return {};
  return Fail(Code::kInvalid, std::string("the name ") + ShortValue(name) + " of " + what + ": must have 1 to " +
                                  std::to_string(limits::kPrincipalNameLength) + " of A-Z, a-z, 0-9 and _+=,.@-");
}

tl::unexpected<Error> TooMany(const std::string& what, std::size_t most) {
  return Fail(Code::kTooLarge, what + ": there are " + std::to_string(most) + ", as many as there may be; delete one that nobody needs");
}

std::string NewAccountId(const Credentials& credentials) {
  for (;;) {
    std::string id;
    for (unsigned char byte : RandomBytes(12)) id += static_cast<char>('0' + byte % 10);
    // AWS's own have no zero in front; the local one is all zeros.
    if (id[0] != '0' && credentials.accounts.count(id) == 0) return id;
  }
}

Result<AccountRecord*> Account(Credentials& credentials, const std::string& account) {
  SMHOST_TRY(std::string id, FindAccount(credentials, account));
  return &credentials.accounts.at(id);
}

tl::unexpected<Error> NoPrincipal(const std::string& account, const char* what, const std::string& name) {
  return Fail(Code::kNotFound, Label(account) + " has no " + what + " " + ShortValue(name) + "; `smhost account describe " + account +
                                   "` shows those that it has");
}

tl::unexpected<Error> Taken(const std::string& account, const char* what, const std::string& name) {
  return Fail(Code::kConflict, Label(account) + " has a " + what + " " + ShortValue(name) + " already; `smhost account update` changes its policy");
}

Result<UserRecord*> User(Credentials& credentials, const std::string& account, const std::string& name) {
  SMHOST_TRY(AccountRecord * record, Account(credentials, account));
  auto found = record->users.find(name);
  if (found == record->users.end()) return NoPrincipal(account, "user", name);
  return &found->second;
}

Result<RoleRecord*> Role(Credentials& credentials, const std::string& account, const std::string& name) {
  SMHOST_TRY(AccountRecord * record, Account(credentials, account));
  auto found = record->roles.find(name);
  if (found == record->roles.end()) return NoPrincipal(account, "role", name);
  return &found->second;
}

// An account's digits, or the ARN of a user or a root.
Status CheckTrusted(const std::vector<std::string>& trusted) {
  if (trusted.size() > limits::kPrincipalsOfRole) return TooMany("principals that a role trusts", limits::kPrincipalsOfRole);
  for (const std::string& one : trusted) {
    const std::string prefix = "arn:aws:iam::";
    const bool arn = one.rfind(prefix, 0) == 0 && one.size() > prefix.size() + 13 && CheckAccount(one.substr(prefix.size(), 12)) &&
                     (one.substr(prefix.size() + 12) == ":root" || one.compare(prefix.size() + 12, 6, ":user/") == 0);
    if (arn || CheckAccount(one)) continue;
    return Fail(Code::kInvalid,
                ShortValue(one) + ": a role trusts accounts (twelve digits), or the ARN of a root or a user, arn:aws:iam::ID:user/NAME");
  }
  return {};
}

}  // namespace

Result<std::string> FindAccount(const Credentials& credentials, const std::string& id_or_name) {
  if (credentials.accounts.count(id_or_name) != 0) return id_or_name;
  std::vector<std::string> names;
  for (const auto& [id, account] : credentials.accounts) {
    if (!account.name.empty() && account.name == id_or_name) return id;
    names.push_back(account.name.empty() ? id : account.name);
  }
  return Fail(Code::kNotFound, "there is no account " + ShortValue(id_or_name) + DidYouMean(id_or_name, names) +
                                   "; `smhost account list` shows those that there are, `smhost account create` makes one");
}

Result<std::string> AddAccount(Credentials& credentials, const std::string& name, const std::string& id) {
  if (credentials.accounts.size() >= limits::kAccounts) return TooMany("accounts", limits::kAccounts);
  if (!name.empty()) SMHOST_TRY_STATUS(CheckName("an account", name));
  if (CheckAccount(name))
    return Fail(Code::kInvalid, "the name " + ShortValue(name) + " looks like an id; give the id with --id, and a name with letters");
  if (!id.empty()) SMHOST_TRY_STATUS(CheckAccount(id));
  for (const auto& [known, account] : credentials.accounts) {
    if (known == id) return Fail(Code::kConflict, Label(id) + " exists already");
    if (!name.empty() && account.name == name)
      return Fail(Code::kConflict, "the name " + ShortValue(name) + " is that of account " + known + " already");
  }
  const std::string made = id.empty() ? NewAccountId(credentials) : id;
  credentials.accounts[made] = {name, MakeAccessKey(), {}, {}};
  return made;
}

Status RemoveAccount(Credentials& credentials, const std::string& account) {
  if (account == kLocalAccount)
    return Fail(Code::kInvalid, Label(account) + " is the local one, which there always is; its users and roles can be deleted");
  if (credentials.accounts.erase(account) == 0) return FindAccount(credentials, account).map([](const std::string&) {});
  return {};
}

Status AddUser(Credentials& credentials, const std::string& account, const std::string& name, const Json& policy) {
  SMHOST_TRY(AccountRecord * record, Account(credentials, account));
  SMHOST_TRY_STATUS(CheckName("a user", name));
  if (record->users.count(name) != 0) return Taken(account, "user", name);
  if (record->users.size() >= limits::kUsersOfAccount) return TooMany("users of " + Label(account), limits::kUsersOfAccount);
  record->users[name] = {MakePrincipalId("AIDA"), MakeAccessKey(), policy};
  return {};
}

Status AddRole(Credentials& credentials, const std::string& account, const std::string& name, const Json& policy,
               const std::vector<std::string>& trusted) {
  SMHOST_TRY(AccountRecord * record, Account(credentials, account));
  SMHOST_TRY_STATUS(CheckName("a role", name));
  SMHOST_TRY_STATUS(CheckTrusted(trusted));
  if (record->roles.count(name) != 0) return Taken(account, "role", name);
  if (record->roles.size() >= limits::kRolesOfAccount) return TooMany("roles of " + Label(account), limits::kRolesOfAccount);
  record->roles[name] = {MakePrincipalId("AROA"), policy, trusted};
  return {};
}

Status ChangePolicy(Credentials& credentials, const std::string& account, const PrincipalName& name, const std::optional<Json>& policy,
                    const std::optional<std::vector<std::string>>& trusted) {
  if (!name.user.empty()) {
    SMHOST_TRY(UserRecord * user, User(credentials, account, name.user));
    if (policy) user->policy = *policy;
    return {};
  }
  SMHOST_TRY(RoleRecord * role, Role(credentials, account, name.role));
  if (trusted) SMHOST_TRY_STATUS(CheckTrusted(*trusted));
  if (policy) role->policy = *policy;
  if (trusted) role->trusted = *trusted;
  return {};
}

Status RemovePrincipal(Credentials& credentials, const std::string& account, const PrincipalName& name) {
  SMHOST_TRY(AccountRecord * record, Account(credentials, account));
  if (!name.user.empty()) return record->users.erase(name.user) != 0 ? Status() : NoPrincipal(account, "user", name.user);
  return record->roles.erase(name.role) != 0 ? Status() : NoPrincipal(account, "role", name.role);
}

Status RotateKey(Credentials& credentials, const std::string& account, const std::string& user) {
  SMHOST_TRY(AccountRecord * record, Account(credentials, account));
  if (user.empty()) {
    record->root = MakeAccessKey();
    return {};
  }
  SMHOST_TRY(UserRecord * found, User(credentials, account, user));
  found->key = MakeAccessKey();
  return {};
}

Result<AccessKey> KeyOf(const Credentials& credentials, const std::string& account, const std::string& user) {
  SMHOST_TRY(std::string id, FindAccount(credentials, account));
  const AccountRecord& record = credentials.accounts.at(id);
  if (user.empty()) return record.root;
  auto found = record.users.find(user);
  if (found == record.users.end()) return NoPrincipal(account, "user", user);
  return found->second.key;
}

}  // namespace smhost
