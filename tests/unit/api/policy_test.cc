#include "api/policy.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

using Decision = Policy::Decision;

constexpr const char* kInvoke = "sagemaker:InvokeEndpoint";
constexpr const char* kSpeech = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/speech";

Json Statement(const char* effect, const Json& action, const Json& resource) {
  return {{"Effect", effect}, {"Action", action}, {"Resource", resource}};
}

std::shared_ptr<const Policy> Of(const Json& statement) {
  auto policy = Policy::Parse({{"Version", "2012-10-17"}, {"Statement", statement}});
  INFO((policy ? "" : policy.error().message));
  REQUIRE(policy);
  return *policy;
}

std::string Refusal(const Json& document) {
  auto policy = Policy::Parse(document);
  return policy ? "(accepted)" : policy.error().message;
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("an action is allowed where a statement allows it on the resource, in any spelling of the action") {
  auto policy = Of(Statement("Allow", "SageMaker:invoke*", kSpeech));
  CHECK(policy->Decide(kInvoke, kSpeech) == Decision::kAllowed);
  CHECK(policy->Decide("sagemaker:InvokeEndpointAsync", kSpeech) == Decision::kAllowed);
  CHECK(policy->Decide("sagemaker:DeleteEndpoint", kSpeech) == Decision::kNoStatement);
  CHECK(policy->Decide(kInvoke, "arn:aws:sagemaker:us-east-1:000000000000:endpoint/speech2") == Decision::kNoStatement);
  CHECK(policy->Decide("s3:InvokeEndpoint", kSpeech) == Decision::kNoStatement);
}

TEST_CASE("a Deny wins over every Allow, wherever it stands") {
  const Json allow = Statement("Allow", "*", "*"), deny = Statement("Deny", {"sagemaker:Delete*"}, "*");
  for (const Json& order : {Json::array({allow, deny}), Json::array({deny, allow})}) {
    auto policy = Of(order);
    CHECK(policy->Decide("sagemaker:DeleteModel", "*") == Decision::kDenied);
    CHECK(policy->Decide(kInvoke, kSpeech) == Decision::kAllowed);
  }
}

TEST_CASE("NotAction and NotResource mean all others") {
  auto actions = Of(Json{{"Effect", "Allow"}, {"NotAction", {"sagemaker:Delete*", "iam:*"}}, {"Resource", "*"}});
  CHECK(actions->Decide(kInvoke, kSpeech) == Decision::kAllowed);
  CHECK(actions->Decide("sagemaker:DeleteModel", kSpeech) == Decision::kNoStatement);
  auto resources = Of(Json::array({Statement("Allow", "*", "*"), Json{{"Effect", "Deny"}, {"Action", "*"}, {"NotResource", kSpeech}}}));
  CHECK(resources->Decide(kInvoke, kSpeech) == Decision::kAllowed);
  CHECK(resources->Decide(kInvoke, "arn:aws:sagemaker:us-east-1:000000000000:endpoint/other") == Decision::kDenied);
}

TEST_CASE("a resource matches part by part: no wildcard reaches over a colon, what is left out is any") {
  struct Row {
    const char *pattern, *resource;
    bool matches;
  };
  const Row rows[] = {
      {"*", "*", true},
      {"*", kSpeech, true},
      {"arn:aws:sagemaker:*:*:endpoint/*", kSpeech, true},
      {"arn:aws:sagemaker:*:*:endpoint/sp??ch", kSpeech, true},
      {"arn:aws:sagemaker:us-east-1:123456789012:endpoint/*", kSpeech, false},
      {"arn:aws:sagemaker:eu-*:*:endpoint/*", kSpeech, false},
      {"arn:aws:sagemaker", kSpeech, true},
      {"arn:aws:sagemaker:*", kSpeech, true},
      {"arn:aws:s3", kSpeech, false},
      {"arn:aws:sagemaker:*endpoint/speech", kSpeech, false},
      {"arn:aws:sagemaker:*:*:*", "*", false},
      {"arn:aws:sagemaker:*:*:endpoint/Speech", kSpeech, true},  // SageMaker's ARNs have names in lower case
      {"arn:aws:s3:::Bucket/*", "arn:aws:s3:::Bucket/a/b:c", true},
      {"arn:aws:s3:::Bucket/*", "arn:aws:s3:::bucket/a", false},
      {"arn:aws:s3:::Bucket", "arn:aws:s3:::Bucket/a", false},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " on " << row.resource);
    CHECK((Of(Statement("Allow", "*", row.pattern))->Decide(kInvoke, row.resource) == Decision::kAllowed) == row.matches);
  }
}

TEST_CASE("what a policy has and we do not understand is refused by name, so that it never allows more than it says") {
  Json conditional = Statement("Allow", "*", "*");
  conditional["Condition"] = {{"StringEquals", {{"sagemaker:TargetModel", "a"}}}};
  CHECK(Has(Refusal({{"Statement", conditional}}), "Statement: the element \"Condition\""));
  Json principal = Statement("Allow", "*", "*");
  principal["Principal"] = "*";
  CHECK(Has(Refusal({{"Statement", Json::array({Statement("Allow", "*", "*"), principal})}}), "Statement[1]: the element \"Principal\""));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", "*", "*")}, {"Extra", 1}}), "\"Extra\""));
  CHECK(Has(Refusal({{"Version", "2011-01-01"}, {"Statement", Statement("Allow", "*", "*")}}), "2012-10-17"));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", "*", "arn:aws:s3:::home/${aws:username}")}}), "policy variable"));
}

TEST_CASE("a broken policy is refused with the place and the rule") {
  CHECK(Has(Refusal(Json::array()), "JSON object"));
  CHECK(Has(Refusal(Json::object()), "Statement must be"));
  CHECK(Has(Refusal({{"Statement", Json::array()}}), "not empty"));
  CHECK(Has(Refusal({{"Statement", Json::array({1})}}), "Statement[0] must be an object"));
  CHECK(Has(Refusal({{"Statement", Statement("allow", "*", "*")}}), "Effect must be Allow or Deny"));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", "Invoke", "*")}}), "SERVICE:ACTION"));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", "sage*:Invoke", "*")}}), "SERVICE:ACTION"));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", Json::array(), "*")}}), "not empty"));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", Json::array({1}), "*")}}), "array of strings"));
  CHECK(Has(Refusal({{"Statement", Statement("Allow", "*", "endpoint/speech")}}), "must be * or an ARN"));
  CHECK(Has(Refusal({{"Statement", {{"Effect", "Allow"}, {"Action", "*"}}}}), "either Resource or NotResource"));
  Json both = Statement("Allow", "*", "*");
  both["NotAction"] = "s3:*";
  CHECK(Has(Refusal({{"Statement", both}}), "either Action or NotAction"));
}

TEST_CASE("a policy has at most as many bytes as IAM's, blanks left out") {
  Json resources = Json::array();
  while (CompactJson(resources).size() < limits::kPolicyBytes) resources.push_back(kSpeech);
  auto policy = Policy::Parse({{"Statement", Statement("Allow", "*", resources)}});
  REQUIRE_FALSE(policy);
  CHECK(policy.error().code == Code::kTooLarge);
  CHECK(Has(policy.error().message, "6144"));
}

TEST_CASE("of two policies only what both allow is allowed, and a refusal says which of them it comes from") {
  auto identity = Of(Json::array({Statement("Allow", "sagemaker:*", "*"), Statement("Deny", "sagemaker:DeleteModel", "*")}));
  auto session = Of(Json::array({Statement("Allow", {"sagemaker:Invoke*", "sts:*"}, "*"), Statement("Deny", "sagemaker:InvokeEndpointAsync", "*")}));
  auto both = Policy::Intersection(identity, session);
  CHECK(both->Decide(kInvoke, kSpeech) == Decision::kAllowed);
  CHECK(both->Decide("sagemaker:DeleteModel", kSpeech) == Decision::kDenied);
  CHECK(both->Decide("sts:AssumeRole", "*") == Decision::kNoStatement);
  CHECK(both->Decide("sagemaker:ListModels", "*") == Decision::kNoSessionStatement);
  CHECK(both->Decide("sagemaker:InvokeEndpointAsync", kSpeech) == Decision::kDeniedBySession);
  CHECK(Policy::Intersection(identity, nullptr) == identity);
  CHECK(Policy::Intersection(nullptr, session)->Decide("sts:AssumeRole", "*") == Decision::kAllowed);
}

TEST_CASE("Authorize answers with AWS's words, and lets a caller without a policy do everything") {
  Caller caller{"000000000000", "arn:aws:iam::000000000000:user/alice", "AIDA", "AKIA", nullptr};
  CHECK_FALSE(Authorize(caller, "sagemaker:DeleteModel", "*"));
  caller.policy = Of(Json::array({Statement("Allow", kInvoke, "*"), Statement("Deny", "sagemaker:DeleteModel", "*")}));
  CHECK_FALSE(Authorize(caller, kInvoke, kSpeech));
  auto missing = Authorize(caller, "sagemaker:CreateModel", "arn:aws:sagemaker:us-east-1:000000000000:model/m");
  REQUIRE(missing);
  CHECK(missing->code == "AccessDeniedException");
  CHECK(missing->status == 400);
  CHECK(missing->message ==
        "User: arn:aws:iam::000000000000:user/alice is not authorized to perform: sagemaker:CreateModel on resource: "
        "arn:aws:sagemaker:us-east-1:000000000000:model/m because no identity-based policy allows the sagemaker:CreateModel action");
  auto denied = Authorize(caller, "sagemaker:DeleteModel", "arn:aws:sagemaker:us-east-1:000000000000:model/m");
  REQUIRE(denied);
  CHECK(denied->message ==
        "User: arn:aws:iam::000000000000:user/alice is not authorized to perform: sagemaker:DeleteModel on resource: "
        "arn:aws:sagemaker:us-east-1:000000000000:model/m with an explicit deny in an identity-based policy");
}

}  // namespace
}  // namespace smhost
