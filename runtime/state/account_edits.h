// What commands do to the accounts of a runtime, each by its rules: names, limits, what exists already. Pure: they change
// a value, which state/credentials.h makes durable. Messages name the account, the rule and the remedy, never a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/credentials.h"

namespace smhost {

// A user or a role of an account, or neither: the account itself.
struct PrincipalName {
  std::string user, role;
};

// The account of those digits, or of that name; kNotFound.
Result<std::string> FindAccount(const Credentials& credentials, const std::string& id_or_name);

// `id`: empty for a new one. The new account's id. kConflict where id or name are taken.
Result<std::string> AddAccount(Credentials& credentials, const std::string& name, const std::string& id);
// kInvalid for the local one, which there always is.
Status RemoveAccount(Credentials& credentials, const std::string& account);

// The policies have been checked (api/policy.h).
Status AddUser(Credentials& credentials, const std::string& account, const std::string& name, const Json& policy);
Status AddRole(Credentials& credentials, const std::string& account, const std::string& name, const Json& policy,
               const std::vector<std::string>& trusted);
// Of the user or the role; one of them must be named. `trusted`: absent where it stays as it is.
Status ChangePolicy(Credentials& credentials, const std::string& account, const PrincipalName& name, const std::optional<Json>& policy,
                    const std::optional<std::vector<std::string>>& trusted);
Status RemovePrincipal(Credentials& credentials, const std::string& account, const PrincipalName& name);

// A new key in place of the user's, or of the root's.
Status RotateKey(Credentials& credentials, const std::string& account, const std::string& user);

// The key that signs for the user, or for the root; kNotFound.
Result<AccessKey> KeyOf(const Credentials& credentials, const std::string& account, const std::string& user);

}  // namespace smhost
