#include "account_views.h"

#include "table.h"
#include "text.h"

namespace smhost::cli {
namespace {

std::string IamArn(const std::string& account, const std::string& what) { return "arn:aws:iam::" + account + ":" + what; }

std::string TrustedText(const RoleRecord& role) { return role.trusted.empty() ? "its own account" : JoinWords(role.trusted, ", "); }

}  // namespace

Json UserJson(const std::string& account, const std::string& name, const UserRecord& user) {
  return {{"UserName", name}, {"UserId", user.id}, {"Arn", IamArn(account, "user/" + name)}, {"AccessKeyId", user.key.id}, {"Policy", user.policy}};
}

Json RoleJson(const std::string& account, const std::string& name, const RoleRecord& role) {
  return {{"RoleName", name}, {"RoleId", role.id}, {"Arn", IamArn(account, "role/" + name)}, {"Trusted", role.trusted}, {"Policy", role.policy}};
}

Json AccountJson(const std::string& id, const AccountRecord& account) {
  Json users = Json::array(), roles = Json::array();
  for (const auto& [name, user] : account.users) users.push_back(UserJson(id, name, user));
  for (const auto& [name, role] : account.roles) roles.push_back(RoleJson(id, name, role));
  Json json = {{"AccountId", id}, {"Arn", IamArn(id, "root")}, {"AccessKeyId", account.root.id}, {"Users", users}, {"Roles", roles}};
  if (!account.name.empty()) json["Name"] = account.name;
  return json;
}

std::string AccountTable(const Credentials& credentials) {
  Table table({"ACCOUNT", "NAME", "ACCESS KEY", "USERS", "ROLES"});
  for (const auto& [id, account] : credentials.accounts)
    table.Add({id, account.name.empty() ? "-" : account.name, account.root.id, std::to_string(account.users.size()),
               std::to_string(account.roles.size())});
  return table.Text();
}

std::string AccountPage(const std::string& id, const AccountRecord& account) {
  Table head;
  head.Add({"Account:", id});
  if (!account.name.empty()) head.Add({"Name:", account.name});
  head.Add({"Access key:", account.root.id});
  std::string page = head.Text();
  if (!account.users.empty()) {
    Table users({"USER", "ACCESS KEY", "POLICY"});
    for (const auto& [name, user] : account.users) users.Add({name, user.key.id, Harmless(CompactJson(user.policy))});
    page += "\n" + users.Text();
  }
  if (!account.roles.empty()) {
    Table roles({"ROLE", "TRUSTS", "POLICY"});
    for (const auto& [name, role] : account.roles) roles.Add({name, TrustedText(role), Harmless(CompactJson(role.policy))});
    page += "\n" + roles.Text();
  }
  return page;
}

}  // namespace smhost::cli
