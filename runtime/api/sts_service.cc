// Rules: AWS STS API Reference; botocore's model for the shapes.
#include "api/sts_service.h"

#include <algorithm>

#include "api/key_ring.h"
#include "api/policy.h"
#include "api/session_token.h"
#include "base/limits_api.h"
#include "state/credentials.h"
#include "state/naming.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

tl::unexpected<ApiError> Denied(std::string message) { return ApiFail("AccessDenied", std::move(message), 403); }
tl::unexpected<ApiError> Invalid(std::string message) { return ApiFail("ValidationError", std::move(message)); }
tl::unexpected<ApiError> OurFault(const Error& error) { return ApiFail("InternalFailure", error.message, 500); }

tl::unexpected<ApiError> NotAuthorized(const Caller& caller, const std::string& action, const std::string& resource) {
  return Denied("User: " + caller.arn + " is not authorized to perform: " + action + " on resource: " + resource);
}

// The query protocol's word for a refusal.
std::optional<ApiError> Ask(const Caller& caller, const char* action, const std::string& resource) {
  auto refused = Authorize(caller, action, resource);
  if (refused) refused->code = "AccessDenied", refused->status = 403;
  return refused;
}

struct RoleName {
  std::string account, name;
};

// "arn:aws:iam::ID:role/NAME", with a path before the name or without.
std::optional<RoleName> ParseRoleArn(const std::string& arn) {
  const std::string begin = "arn:aws:iam::", middle = ":role/";
  if (arn.rfind(begin, 0) != 0) return std::nullopt;
  RoleName role{arn.substr(begin.size(), 12), arn.substr(arn.rfind('/') + 1)};
  if (!CheckAccount(role.account) || arn.compare(begin.size() + 12, middle.size(), middle) != 0 || role.name.empty()) return std::nullopt;
  return role;
}

bool IsTrusted(const Caller& caller, const std::string& account, const RoleRecord& role) {
  if (role.trusted.empty()) return caller.account == account;
  return std::any_of(role.trusted.begin(), role.trusted.end(), [&](const std::string& one) {
    return one == caller.account || one == caller.arn || one == OwnerOf(caller.account).arn;
  });
}

bool IsSession(const Caller& caller) { return AccountOfSessionKey(caller.access_key_id).has_value(); }

// A session's name becomes a part of ARNs.
bool IsSessionName(const std::string& name) {
  return name.size() >= 2 && name.size() <= limits::kPrincipalNameLength &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-") == name.npos;
}

ApiResult<seconds> DurationOf(const Json& input, seconds fallback, seconds longest) {
  const seconds duration(IntOr(input, "DurationSeconds", fallback.count()));
  const seconds shortest = limits::kShortestSession;
  if (duration >= shortest && duration <= longest) return duration;
  return Invalid("DurationSeconds must be between " + std::to_string(shortest.count()) + " and " + std::to_string(longest.count()) +
                 ", not " + std::to_string(duration.count()));
}

// Null where none was given.
ApiResult<Json> SessionPolicy(const Json& input) {
  const std::string text = StringOr(input, "Policy");
  if (text.empty()) return Json();
  auto document = ParseJson(text, "Policy", limits::kPolicyFileBytes);
  if (!document) return ApiFail("MalformedPolicyDocument", document.error().message);
  auto policy = Policy::Parse(*document, limits::kSessionPolicyBytes);
  if (policy) return std::move(*document);
  return ApiFail(policy.error().code == Code::kTooLarge ? "PackedPolicyTooLarge" : "MalformedPolicyDocument", policy.error().message);
}

std::optional<ApiError> RefuseFactors(const Json& input) {
  if (StringOr(input, "SerialNumber").empty() && StringOr(input, "TokenCode").empty()) return std::nullopt;
  return ApiError{"AccessDenied", "MultiFactorAuthentication failed: this runtime has no MFA devices; leave out SerialNumber and TokenCode", 403, {}};
}

class StsService final : public ApiService {
 public:
  explicit StsService(ApiContext& context) : context_(context) {}

  ApiResult<Json> Call(const std::string& operation, const Json& input, const Caller& caller, const std::string&) override {
    // AWS answers this one whatever a policy says.
    if (operation == "GetCallerIdentity") return Json{{"Account", caller.account}, {"Arn", caller.arn}, {"UserId", caller.user_id}};
    if (operation == "AssumeRole") return AssumeRole(input, caller);
    if (operation == "GetSessionToken") return GetSessionToken(input, caller);
    if (operation == "GetAccessKeyInfo") return GetAccessKeyInfo(input, caller);
    if (operation == "DecodeAuthorizationMessage")
      return ApiFail("InvalidAuthorizationMessageException",
                     "The message is none of this runtime's: its refusals say in plain words why, none is encoded.");
    return ApiFail("UnsupportedOperation", "sts:" + operation + " is not built in smhost; there are GetCallerIdentity, AssumeRole, " +
                                               "GetSessionToken and GetAccessKeyInfo");
  }

 private:
  Result<Credentials> Known() { return EnsureCredentials(context_.files, context_.clock, context_.home); }

  Json Issue(SessionClaims claims, seconds duration, const Credentials& credentials) {
    claims.access_key_id = MakeSessionKeyId(claims.account);
    claims.expires = std::chrono::floor<seconds>(context_.clock.Wall()) + duration;
    return {{"AccessKeyId", claims.access_key_id},
            {"SecretAccessKey", SecretOfSessionKey(claims.access_key_id, credentials.session_secret)},
            {"SessionToken", EncodeSessionToken(claims, credentials.session_secret)},
            {"Expiration", std::chrono::duration_cast<seconds>(claims.expires.time_since_epoch()).count()}};
  }

  ApiResult<Json> AssumeRole(const Json& input, const Caller& caller) {
    const std::string arn = StringOr(input, "RoleArn"), session = StringOr(input, "RoleSessionName");
    auto name = ParseRoleArn(arn);
    if (!name) return Invalid(arn + " is invalid: a role's ARN is arn:aws:iam::ID:role/NAME");
    if (!IsSessionName(session)) return Invalid("RoleSessionName must have 2 to 64 of A-Z, a-z, 0-9 and _+=,.@-");
    if (auto refused = Ask(caller, "sts:AssumeRole", arn)) return tl::unexpected<ApiError>(*refused);
    if (auto refused = RefuseFactors(input)) return tl::unexpected<ApiError>(*refused);
    if (!MemberOr(input, "PolicyArns").empty()) return Invalid("PolicyArns: this runtime has no managed policies; give the policy itself in Policy");
    auto duration = DurationOf(input, 1h, limits::kLongestRoleSession);
    if (!duration) return tl::unexpected<ApiError>(duration.error());
    if (IsSession(caller) && caller.arn.find(":assumed-role/") != caller.arn.npos && *duration > limits::kLongestChainedSession)
      return Invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
    auto policy = SessionPolicy(input);
    if (!policy) return policy;
    auto credentials = Known();
    if (!credentials) return OurFault(credentials.error());
    const RoleRecord* role = TrustingRole(*credentials, *name, caller);
    if (role == nullptr) return NotAuthorized(caller, "sts:AssumeRole", arn);
    Json output = {{"Credentials", Issue({"", name->account, "", name->name, role->id, session, {}, *policy}, *duration, *credentials)},
                   {"AssumedRoleUser",
                    {{"AssumedRoleId", role->id + ":" + session},
                     {"Arn", "arn:aws:sts::" + name->account + ":assumed-role/" + name->name + "/" + session}}}};
    if (!policy->is_null()) output["PackedPolicySize"] = CompactJson(*policy).size() * 100 / limits::kSessionPolicyBytes;
    if (input.contains("SourceIdentity")) output["SourceIdentity"] = input["SourceIdentity"];
    return output;
  }

  // Null too where there is no such role: who may not take it does not learn whether it is there.
  static const RoleRecord* TrustingRole(const Credentials& credentials, const RoleName& name, const Caller& caller) {
    auto account = credentials.accounts.find(name.account);
    if (account == credentials.accounts.end()) return nullptr;
    auto role = account->second.roles.find(name.name);
    if (role == account->second.roles.end() || !IsTrusted(caller, name.account, role->second)) return nullptr;
    return &role->second;
  }

  ApiResult<Json> GetSessionToken(const Json& input, const Caller& caller) {
    if (IsSession(caller)) return Denied("Cannot call GetSessionToken with session credentials");
    if (auto refused = RefuseFactors(input)) return tl::unexpected<ApiError>(*refused);
    auto duration = DurationOf(input, 12h, limits::kLongestUserSession);
    if (!duration) return tl::unexpected<ApiError>(duration.error());
    auto credentials = Known();
    if (!credentials) return OurFault(credentials.error());
    SessionClaims claims;
    claims.account = caller.account;
    const std::string user = ":user/";
    if (const std::size_t at = caller.arn.find(user); at != caller.arn.npos) {
      claims.user = caller.arn.substr(at + user.size());
      claims.principal_id = caller.user_id;
    } else {
      duration = std::min<seconds>(*duration, limits::kLongestRootSession);  // as AWS: shortened without a word
    }
    return Json{{"Credentials", Issue(std::move(claims), *duration, *credentials)}};
  }

  ApiResult<Json> GetAccessKeyInfo(const Json& input, const Caller& caller) {
    if (auto refused = Ask(caller, "sts:GetAccessKeyInfo", "*")) return tl::unexpected<ApiError>(*refused);
    const std::string id = StringOr(input, "AccessKeyId");
    auto credentials = Known();
    if (!credentials) return OurFault(credentials.error());
    if (auto account = AccountOfSessionKey(id); account && credentials->accounts.count(*account) != 0) return Json{{"Account", *account}};
    for (const auto& [account, record] : credentials->accounts) {
      const bool of_user = std::any_of(record.users.begin(), record.users.end(), [&](const auto& user) { return user.second.key.id == id; });
      if (record.root.id == id || of_user) return Json{{"Account", account}};
    }
    return Invalid("The access key ID is none of this runtime's accounts");
  }

  ApiContext& context_;
};

}  // namespace

std::unique_ptr<ApiService> MakeStsService(ApiContext& context) { return std::make_unique<StsService>(context); }

}  // namespace smhost
