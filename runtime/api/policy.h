// A small IAM policy: what a key may do within its account. Pure; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/api_error.h"
#include "api/caller.h"
#include "base/json.h"
#include "base/limits_api.h"

namespace smhost {

// An IAM policy document, identity-based: Version, Id, Statement (one or an array) of Sid, Effect, Action or NotAction,
// Resource or NotResource with the wildcards * and ?. Everything else in it (Principal, Condition, variables such as
// ${aws:username}, …) is refused by Parse, so that a policy never allows more than it says.
class Policy {
 public:
  enum class Decision {
    kAllowed,
    kNoStatement,         // nothing allows it
    kDenied,              // a Deny forbids it, whatever allows it
    kNoSessionStatement,  // the policy that a session was asked for with does not allow it
    kDeniedBySession,
  };

  // kInvalid, naming the statement and the rule; kTooLarge past `most_bytes` without blanks.
  static Result<std::shared_ptr<const Policy>> Parse(const Json& document, std::size_t most_bytes = limits::kPolicyBytes);
  // Allows nothing.
  static std::shared_ptr<const Policy> Nothing();
  // What both allow; null: no restriction. `session`'s refusals are said to be those of a session policy.
  static std::shared_ptr<const Policy> Intersection(std::shared_ptr<const Policy> identity,
                                                    std::shared_ptr<const Policy> session);
  virtual ~Policy() = default;
  virtual Decision Decide(std::string_view action, std::string_view resource) const = 0;
};

// Nothing: it may. AccessDeniedException with AWS's text otherwise. `action`: "sagemaker:CreateModel".
std::optional<ApiError> Authorize(const Caller& caller, std::string_view action, std::string_view resource_arn);

}  // namespace smhost
