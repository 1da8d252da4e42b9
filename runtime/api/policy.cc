// Rules: IAM User Guide, "IAM JSON policy elements reference" and "Policy evaluation logic".
#include "api/policy.h"

#include <algorithm>
#include <array>
#include <vector>

#include "api/wildcard.h"
#include "base/text.h"
#include "resources/fault.h"

namespace smhost {
namespace {

// "arn", partition, service, region, account and the rest, all of it; fewer where the text ends before.
std::vector<std::string_view> ArnParts(std::string_view arn) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  while (parts.size() < 5) {
    std::size_t end = arn.find(':', start);
    if (end == arn.npos) break;
    parts.push_back(arn.substr(start, end - start));
    start = end + 1;
  }
  parts.push_back(arn.substr(start));
  return parts;
}

// Part by part, so that no wildcard reaches over a colon; what the pattern leaves out at its end is any.
bool ArnMatches(const std::string& pattern, std::string_view arn) {
  if (pattern == "*") return true;
  auto wanted = ArnParts(pattern), given = ArnParts(arn);
  if (wanted.size() > given.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    // SageMaker's names are the same in any spelling, and its ARNs have them in lower case.
    const bool any_case = i == 5 && given[2] == "sagemaker";
    if (any_case ? !WildcardMatches(LowerCase(wanted[i]), LowerCase(given[i])) : !WildcardMatches(wanted[i], given[i])) return false;
  }
  return true;
}

struct Statement {
  bool allow = false;
  bool not_action = false, not_resource = false;
  std::vector<std::string> actions;  // in lower case
  std::vector<std::string> resources;

  bool Covers(const std::string& action, std::string_view resource) const {
    const bool acts = std::any_of(actions.begin(), actions.end(), [&](const auto& one) { return WildcardMatches(one, action); });
    if (acts == not_action) return false;
    const bool on = std::any_of(resources.begin(), resources.end(), [&](const auto& one) { return ArnMatches(one, resource); });
    return on != not_resource;
  }
};

class Statements final : public Policy {
 public:
  explicit Statements(std::vector<Statement> all) : all_(std::move(all)) {}

  Decision Decide(std::string_view action, std::string_view resource) const override {
    const std::string lower = LowerCase(action);
    Decision decision = Decision::kNoStatement;
    for (const Statement& one : all_) {
      if (!one.Covers(lower, resource)) continue;
      if (!one.allow) return Decision::kDenied;
      decision = Decision::kAllowed;
    }
    return decision;
  }

 private:
  const std::vector<Statement> all_;
};

class Both final : public Policy {
 public:
  Both(std::shared_ptr<const Policy> identity, std::shared_ptr<const Policy> session)
      : identity_(std::move(identity)), session_(std::move(session)) {}

  Decision Decide(std::string_view action, std::string_view resource) const override {
    if (identity_ != nullptr)
      if (Decision first = identity_->Decide(action, resource); first != Decision::kAllowed) return first;
    switch (session_->Decide(action, resource)) {
      case Decision::kAllowed:
        return Decision::kAllowed;
      case Decision::kDenied:
      case Decision::kDeniedBySession:
        return Decision::kDeniedBySession;
      case Decision::kNoStatement:
      case Decision::kNoSessionStatement:
        break;
    }
    return Decision::kNoSessionStatement;
  }

 private:
  const std::shared_ptr<const Policy> identity_, session_;
};

// --- reading

Error Broken(const std::string& where, const std::string& rule) { return {Code::kInvalid, "policy: " + where + rule, ""}; }

// One text, or an array of at least one.
Result<std::vector<std::string>> TextsOf(const Json& value, const std::string& where) {
  std::vector<std::string> texts;
  if (value.is_string()) return std::vector<std::string>{value.get<std::string>()};
  if (value.is_array())
    for (const Json& one : value)
      if (one.is_string()) texts.push_back(one.get<std::string>());
  if (!value.is_array() || value.empty() || texts.size() != value.size())
    return Fail(Broken(where, " must be a string or an array of strings, and not empty"));
  return texts;
}

Status CheckAction(const std::string& action, const std::string& where) {
  if (action == "*") return {};
  const std::size_t colon = action.find(':');
  if (colon != action.npos && colon > 0 && colon + 1 < action.size() &&
      action.substr(0, colon).find_first_of("*?") == action.npos)
    return {};
  return Fail(Broken(where, ": " + ShortValue(action) + " must be * or SERVICE:ACTION, as in sagemaker:InvokeEndpoint"));
}

Status CheckResource(const std::string& resource, const std::string& where) {
  if (resource == "*") return {};
  if (resource.find("${") != resource.npos)
    return Fail(Broken(where, ": " + ShortValue(resource) + " has a policy variable, and those are not built; write the value itself"));
  if (resource.compare(0, 4, "arn:") == 0) return {};
  return Fail(Broken(where, ": " + ShortValue(resource) + " must be * or an ARN"));
}

// `Action` or `NotAction`, `Resource` or `NotResource`: which of them, and what it says.
Result<std::pair<bool, std::vector<std::string>>> OneOf(const Json& statement, const std::string& name, const std::string& where,
                                                        Status (*check)(const std::string&, const std::string&)) {
  const std::string other = "Not" + name;
  if (statement.contains(name) == statement.contains(other))
    return Fail(Broken(where, " must have either " + name + " or " + other));
  const bool negated = statement.contains(other);
  const std::string& key = negated ? other : name;
  SMHOST_TRY(auto texts, TextsOf(statement[key], where + "." + key));
  for (const std::string& text : texts) SMHOST_TRY_STATUS(check(text, where + "." + key));
  return std::pair(negated, std::move(texts));
}

Status CheckMembers(const Json& object, const std::string& where, std::initializer_list<const char*> known) {
  for (const auto& [key, value] : object.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      return Fail(Broken(where, (where.empty() ? "" : ": ") + std::string("the element ") + ShortValue(key) +
                                    " is not built here; without it the policy would mean something else, so it is refused"));
  return {};
}

Result<Statement> ParseStatement(const Json& json, const std::string& where) {
  if (!json.is_object()) return Fail(Broken(where, " must be an object"));
  SMHOST_TRY_STATUS(CheckMembers(json, where, {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"}));
  const std::string effect = StringOr(json, "Effect");
  if (effect != "Allow" && effect != "Deny") return Fail(Broken(where, ".Effect must be Allow or Deny"));
  SMHOST_TRY(auto actions, OneOf(json, "Action", where, CheckAction));
  SMHOST_TRY(auto resources, OneOf(json, "Resource", where, CheckResource));
  Statement statement{effect == "Allow", actions.first, resources.first, {}, std::move(resources.second)};
  for (const std::string& action : actions.second) statement.actions.push_back(LowerCase(action));
  return statement;
}

Status CheckVersion(const Json& document) {
  if (!document.contains("Version")) return {};
  const std::string version = StringOr(document, "Version");
  if (version == "2012-10-17" || version == "2008-10-17") return {};
  return Fail(Broken("Version", " must be 2012-10-17"));
}

}  // namespace

Result<std::shared_ptr<const Policy>> Policy::Parse(const Json& document, std::size_t most_bytes) {
  if (!document.is_object()) return Fail(Broken("", "must be a JSON object with a Statement"));
  const std::size_t bytes = CompactJson(document).size();
  if (bytes > most_bytes)
    return Fail(Code::kTooLarge, "policy: has " + std::to_string(bytes) + " bytes without blanks, and may have " + std::to_string(most_bytes));
  SMHOST_TRY_STATUS(CheckMembers(document, "", {"Version", "Id", "Statement"}));
  SMHOST_TRY_STATUS(CheckVersion(document));
  const Json& given = MemberOr(document, "Statement");
  if (!given.is_object() && (!given.is_array() || given.empty()))
    return Fail(Broken("Statement", " must be a statement or an array of statements, and not empty"));
  std::vector<Statement> statements;
  if (given.is_object()) {
    SMHOST_TRY(Statement one, ParseStatement(given, "Statement"));
    statements.push_back(std::move(one));
  } else {
    for (std::size_t i = 0; i < given.size(); ++i) {
      SMHOST_TRY(Statement one, ParseStatement(given[i], "Statement[" + std::to_string(i) + "]"));
      statements.push_back(std::move(one));
    }
  }
  return std::make_shared<const Statements>(std::move(statements));
}

std::shared_ptr<const Policy> Policy::Nothing() { return std::make_shared<const Statements>(std::vector<Statement>()); }

std::shared_ptr<const Policy> Policy::Intersection(std::shared_ptr<const Policy> identity, std::shared_ptr<const Policy> session) {
  if (session == nullptr) return identity;
  return std::make_shared<const Both>(std::move(identity), std::move(session));
}

std::optional<ApiError> Authorize(const Caller& caller, std::string_view action, std::string_view resource_arn) {
  if (caller.policy == nullptr) return std::nullopt;
  const std::string act(action);
  std::string why;
  switch (caller.policy->Decide(action, resource_arn)) {
    case Policy::Decision::kAllowed:
      return std::nullopt;
    case Policy::Decision::kNoStatement:
      why = "because no identity-based policy allows the " + act + " action";
      break;
    case Policy::Decision::kDenied:
      why = "with an explicit deny in an identity-based policy";
      break;
    case Policy::Decision::kNoSessionStatement:
      why = "because no session policy allows the " + act + " action";
      break;
    case Policy::Decision::kDeniedBySession:
      why = "with an explicit deny in a session policy";
      break;
  }
  return ApiError{"AccessDeniedException",
                  "User: " + caller.arn + " is not authorized to perform: " + act + " on resource: " + std::string(resource_arn) + " " + why,
                  400,
                  {}};
}

}  // namespace smhost
