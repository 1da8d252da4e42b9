// How accounts, users and roles look: JSON in the words of IAM, and text for people. Never a secret: `smhost env` has
// those. Pure.
#pragma once

#include <string>

#include "base/json.h"
#include "state/credentials.h"

namespace smhost::cli {

Json UserJson(const std::string& account, const std::string& name, const UserRecord& user);
Json RoleJson(const std::string& account, const std::string& name, const RoleRecord& role);
// With all users and roles.
Json AccountJson(const std::string& id, const AccountRecord& account);

std::string AccountTable(const Credentials& credentials);
std::string AccountPage(const std::string& id, const AccountRecord& account);

}  // namespace smhost::cli
