#include <algorithm>
#include <memory>

#include "account_views.h"
#include "api/policy.h"
#include "base/limits_api.h"
#include "context.h"
#include "input.h"
#include "state/account_edits.h"
#include "state/layout.h"
#include "text.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

struct AccountOptions {
  std::string action, account, id, user, role, policy;
  std::vector<std::string> trusted;
  bool force = false;

  bool principal() const { return !user.empty() || !role.empty(); }
  PrincipalName name() const { return {user, role}; }
};

// "user alice of account 000000000000"
std::string Label(const std::string& account, const AccountOptions& options) {
  if (!options.user.empty()) return "user " + options.user + " of account " + account;
  if (!options.role.empty()) return "role " + options.role + " of account " + account;
  return "account " + account;
}

Result<Credentials> Change(Context& context, const std::function<Status(Credentials&)>& change) {
  SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  SMHOST_TRY(Credentials changed, ChangeCredentials(context.files(), context.clock(), context.home(), change));
  if (!changed.quarantined.empty())
    context.out().Warn("the credentials were damaged and are new now; the old file lies at " + changed.quarantined);
  return changed;
}

Result<Credentials> Known(Context& context) {
  SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  return EnsureCredentials(context.files(), context.clock(), context.home());
}

// The account that the words mean: the one named, else that of --account.
Result<std::string> Meant(Context& context, const Credentials& credentials, const AccountOptions& options) {
  return options.account.empty() ? context.account() : FindAccount(credentials, options.account);
}

Result<Json> ReadPolicy(const std::string& file) {
  SMHOST_TRY(std::string text, ReadInput(file, limits::kPolicyFileBytes));
  SMHOST_TRY(Json document, ParseJson(text, file, limits::kPolicyFileBytes));
  auto policy = Policy::Parse(document);
  if (!policy) return Fail(policy.error().code, file + ": " + policy.error().message);
  return document;
}

// What a change made: one line for people, the id or the ARN for scripts.
VerbResult ShowDone(Context& context, const Json& value, const std::string& name, const std::string& line) {
  SMHOST_TRY_STATUS(context.out().Show(value, {name}, [&] { return line + "\n"; }));
  return Exit::kDone;
}

Json PrincipalJson(const Credentials& credentials, const std::string& account, const AccountOptions& options) {
  const AccountRecord& record = credentials.accounts.at(account);
  if (!options.user.empty()) return UserJson(account, options.user, record.users.at(options.user));
  if (!options.role.empty()) return RoleJson(account, options.role, record.roles.at(options.role));
  return AccountJson(account, record);
}

std::string NameOf(const Json& json) { return json.contains("AccountId") ? StringOr(json, "AccountId") : StringOr(json, "Arn"); }

std::string EnvHint(const std::string& account, const std::string& user) {
  std::string words = "smhost";
  if (account != kLocalAccount) words += " --account " + account;
  words += " env";
  if (!user.empty()) words += " --user " + ShellQuoted(user);
  return "its keys: eval \"$(" + words + ")\"";
}

VerbResult CreateAccount(Context& context, const AccountOptions& options) {
  std::string id;
  SMHOST_TRY(Credentials credentials, Change(context, [&](Credentials& all) -> Status {
    SMHOST_TRY(id, AddAccount(all, options.account, options.id));
    return {};
  }));
  VerbResult shown = ShowDone(context, AccountJson(id, credentials.accounts.at(id)), id, "account " + id + " created");
  context.out().Note(EnvHint(id, ""));
  return shown;
}

VerbResult CreatePrincipal(Context& context, const AccountOptions& options) {
  if (options.policy.empty())
    return FailUsage("account create: --policy FILE is missing: what may the " + std::string(options.user.empty() ? "role" : "user") + " do?");
  SMHOST_TRY(Json policy, ReadPolicy(options.policy));
  std::string account;
  SMHOST_TRY(Credentials credentials, Change(context, [&](Credentials& all) -> Status {
    SMHOST_TRY(account, Meant(context, all, options));
    return options.user.empty() ? AddRole(all, account, options.role, policy, options.trusted) : AddUser(all, account, options.user, policy);
  }));
  const Json made = PrincipalJson(credentials, account, options);
  VerbResult shown = ShowDone(context, made, NameOf(made), Label(account, options) + " created");
  context.out().Note(options.user.empty() ? "its ARN: " + StringOr(made, "Arn") : EnvHint(account, options.user));
  return shown;
}

VerbResult List(Context& context) {
  SMHOST_TRY(Credentials credentials, Known(context));
  Json all = Json::array();
  std::vector<std::string> names;
  for (const auto& [id, account] : credentials.accounts) {
    all.push_back(AccountJson(id, account));
    names.push_back(id);
  }
  SMHOST_TRY_STATUS(context.out().Show(all, names, [&] { return AccountTable(credentials); }));
  return Exit::kDone;
}

VerbResult Describe(Context& context, const AccountOptions& options) {
  SMHOST_TRY(Credentials credentials, Known(context));
  SMHOST_TRY(std::string account, Meant(context, credentials, options));
  // Says which user or role is not there.
  if (options.principal()) SMHOST_TRY_STATUS(ChangePolicy(credentials, account, options.name(), std::nullopt, std::nullopt));
  const Json json = PrincipalJson(credentials, account, options);
  SMHOST_TRY_STATUS(context.out().Show(json, {NameOf(json)}, [&] {
    return options.principal() ? PrettyJson(json) : AccountPage(account, credentials.accounts.at(account));
  }));
  return Exit::kDone;
}

VerbResult Update(Context& context, const AccountOptions& options) {
  if (!options.principal()) return FailUsage("account update: name the user or the role whose policy is to change: --user NAME or --role NAME");
  if (options.policy.empty() && options.trusted.empty())
    return FailUsage("account update: say what is to change: --policy FILE" + std::string(options.role.empty() ? "" : ", --trust PRINCIPAL"));
  std::optional<Json> policy;
  if (!options.policy.empty()) {
    SMHOST_TRY(Json document, ReadPolicy(options.policy));
    policy.emplace(std::move(document));
  }
  std::optional<std::vector<std::string>> trusted;
  if (!options.trusted.empty()) trusted = options.trusted;
  std::string account;
  SMHOST_TRY(Credentials credentials, Change(context, [&](Credentials& all) -> Status {
    SMHOST_TRY(account, Meant(context, all, options));
    return ChangePolicy(all, account, options.name(), policy, trusted);
  }));
  const Json json = PrincipalJson(credentials, account, options);
  return ShowDone(context, json, NameOf(json), Label(account, options) + " changed");
}

VerbResult Rotate(Context& context, const AccountOptions& options) {
  if (!options.role.empty()) return FailUsage("account rotate: a role has no keys; whoever takes it gets new ones each time");
  std::string account;
  SMHOST_TRY(Credentials credentials, Change(context, [&](Credentials& all) -> Status {
    SMHOST_TRY(account, Meant(context, all, options));
    return RotateKey(all, account, options.user);
  }));
  const Json json = PrincipalJson(credentials, account, options);
  VerbResult shown = ShowDone(context, json, NameOf(json), Label(account, options) + " has a new key");
  context.out().Note(EnvHint(account, options.user));
  return shown;
}

// --- deleting

struct Held {
  Kind kind;
  std::string name;
};

// What the account has, those that use others first. What cannot be read counts too: it is there.
Result<std::vector<Held>> ResourcesOf(Context& context, const std::string& account) {
  std::vector<Held> held;
  std::vector<KindInfo> kinds = Kinds();
  std::reverse(kinds.begin(), kinds.end());
  for (const KindInfo& info : kinds) {
    SMHOST_TRY(Listing listing, context.store().List(account, info.kind));
    for (const Resource& resource : listing.resources) held.push_back({info.kind, resource.name});
    for (const Incident& incident : listing.incidents)
      if (!incident.previous_used) return Fail(incident.code, incident.message, incident.resource);
  }
  return held;
}

std::string Some(const std::vector<Held>& held) {
  std::vector<std::string> words;
  for (const Held& one : held)
    if (words.size() < 5) words.push_back(ResourceWord(one.kind, one.name));
  return JoinWords(words, ", ") + (held.size() > words.size() ? " and " + std::to_string(held.size() - words.size()) + " more" : "");
}

VerbResult DeleteAccount(Context& context, const AccountOptions& options) {
  if (options.account.empty()) return FailUsage("account delete: ACCOUNT is missing: which one?");
  SMHOST_TRY(Credentials known, Known(context));
  SMHOST_TRY(std::string account, FindAccount(known, options.account));
  SMHOST_TRY_STATUS(RemoveAccount(known, account));  // a refusal comes before anything is deleted
  SMHOST_TRY(std::vector<Held> held, ResourcesOf(context, account));
  if (!held.empty() && !options.force)
    return FailWith(Exit::kFailed, Code::kConflict,
                    "account " + account + " still has " + Some(held) + "; delete them first (smhost --account " + account +
                        " delete KIND NAME), or all of them with --force");
  for (const Held& one : held)
    if (auto deleted = context.store().Delete(account, one.kind, one.name); !deleted && deleted.error().code != Code::kNotFound)
      return tl::unexpected<Failure>(Failure(deleted.error()));
  SMHOST_TRY(Credentials credentials, Change(context, [&](Credentials& all) { return RemoveAccount(all, account); }));
  return ShowDone(context, {{"AccountId", account}, {"Change", "deleted"}}, account, "account " + account + " deleted");
}

VerbResult DeletePrincipal(Context& context, const AccountOptions& options) {
  std::string account;
  SMHOST_TRY(Credentials credentials, Change(context, [&](Credentials& all) -> Status {
    SMHOST_TRY(account, Meant(context, all, options));
    return RemovePrincipal(all, account, options.name());
  }));
  const std::string& name = options.user.empty() ? options.role : options.user;
  return ShowDone(context, {{"AccountId", account}, {options.user.empty() ? "RoleName" : "UserName", name}, {"Change", "deleted"}}, name,
                  Label(account, options) + " deleted");
}

// --- words

VerbResult CheckWords(const AccountOptions& options) {
  const std::string& action = options.action;
  auto refuse = [&](const char* option, const char* why) { return FailUsage("account " + action + ": " + option + " " + why); };
  const bool writes_policy = action == "create" || action == "update";
  if (!options.user.empty() && !options.role.empty()) return refuse("--user and --role", "are two things; name one of them");
  if (options.principal() && action == "list") return refuse("--user and --role", "go with describe");
  if (!options.id.empty() && (action != "create" || options.principal())) return refuse("--id", "goes with create, for an account");
  if (!options.policy.empty() && (!writes_policy || !options.principal()))
    return refuse("--policy", "goes with create and update, and with --user or --role");
  if (!options.trusted.empty() && (!writes_policy || options.role.empty())) return refuse("--trust", "goes with create and update, and with --role");
  if (options.force && (action != "delete" || options.principal())) return refuse("--force", "goes with delete, for an account");
  return Exit::kDone;
}

VerbResult Account(Context& context, const AccountOptions& options) {
  if (VerbResult checked = CheckWords(options); !checked) return checked;
  if (options.action == "create") return options.principal() ? CreatePrincipal(context, options) : CreateAccount(context, options);
  if (options.action == "list") return List(context);
  if (options.action == "describe") return Describe(context, options);
  if (options.action == "update") return Update(context, options);
  if (options.action == "rotate") return Rotate(context, options);
  return options.principal() ? DeletePrincipal(context, options) : DeleteAccount(context, options);
}

}  // namespace

Command AccountCommand() {
  auto options = std::make_shared<AccountOptions>();
  Command command;
  command.name = "account";
  command.group = "Use";
  command.summary = "accounts, their keys, users and roles";
  command.description =
      "Each account has resources of its own, which no other account sees, and a root key that may do everything in it. Users and roles "
      "may do what their IAM policy allows: Allow and Deny, Action, NotAction, Resource and NotResource with * and ?. A policy with other "
      "elements is refused.\n"
      "create: an account, or with --user or --role and --policy one of those. list, describe: without secrets, which `smhost env` "
      "prints. update: another policy, or other --trust. rotate: a new key; the old one is refused from then on, sessions made with it "
      "go on until they end. delete: refused while the account has resources; --force deletes them too. Account 000000000000 is always "
      "there.";
  command.example =
      "smhost account create staging\n"
      "eval \"$(smhost --account 123456789012 env)\"\n"
      "smhost account create staging --user alice --policy invoke-only.json\n"
      "smhost account create --role reader --policy read.json --trust 123456789012\n"
      "smhost account delete staging --force";
  command.positionals = {
      {"ACTION", "create, list, describe, update, rotate or delete", &options->action, true, Complete::kChoice,
       {"create", "list", "describe", "update", "rotate", "delete"}},
      {"ACCOUNT", "its name or its twelve digits; for a new one its name; default: that of --account", &options->account, false, Complete::kAccount}};
  command.options = {
      {"--id", "ID", "create: twelve digits for the new account; default: made up", &options->id},
      {"--user", "NAME", "this user of the account instead of the account", &options->user},
      {"--role", "NAME", "this role of the account instead of the account", &options->role},
      {"--policy", "FILE", "create, update: the IAM policy of the user or role; - is standard input", &options->policy, Complete::kFile},
      {"--trust", "PRINCIPAL",
       "create, update: who may take the role: an account, or the ARN of a user; several are allowed; default: its own account",
       &options->trusted},
      {"--force", "", "delete: the account's resources too", &options->force},
  };
  command.run = [options](Context& context) { return Account(context, *options); };
  return command;
}

}  // namespace smhost::cli
