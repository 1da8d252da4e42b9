// A small IAM policy: what a key may do within its account. Pure; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/api_error.h"
#include "api/caller.h"
#include "base/json.h"

namespace smhost {

// An IAM policy document, identity-based: Version, Statement (one or an array) of Effect, Action or NotAction, Resource or
// NotResource with the wildcards * and ?. Everything else in it (Principal, Condition, …) is refused by Parse, so that a
// policy never allows more than it says.
class Policy {
 public:
  enum class Decision { kAllowed, kNoStatement, kDenied };  // kNoStatement: nothing allows it; kDenied: a Deny does not

  // kInvalid, naming the statement and the rule.
  static Result<std::shared_ptr<const Policy>> Parse(const Json& document);
  virtual ~Policy() = default;
  virtual Decision Decide(std::string_view action, std::string_view resource) const = 0;
};

// Nothing: it may. AccessDeniedException with AWS's text otherwise. `action`: "sagemaker:CreateModel".
std::optional<ApiError> Authorize(const Caller& caller, std::string_view action, std::string_view resource_arn);

}  // namespace smhost
