#include "api/cloudformation_service.h"

#include <algorithm>
#include <map>

#include "api/cloud_result.h"
#include "api/cloudformation_template.h"
#include "api/cloudformation_views.h"
#include "api/policy.h"
#include "base/limits_api.h"
#include "resources/arn.h"

namespace smhost {

using namespace cloudformation;

namespace {

tl::unexpected<ApiError> Invalid(std::string message) { return ApiFail("ValidationError", std::move(message)); }

bool IsAsked(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  return value.is_array() || value.is_object() ? !value.empty() : !value.is_null();
}

}  // namespace

namespace cloudformation {

bool IsSame(const StackContent& a, const StackContent& b) {
  return a.documents == b.documents && a.outputs == b.outputs && a.input.tags == b.input.tags;
}

std::optional<ApiError> RefuseUnbuilt(const Json& request) {
  for (const char* member : {"NotificationARNs", "StackPolicyBody", "StackPolicyURL", "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL",
                             "TimeoutInMinutes", "ResourceTypes", "RetainResources", "ResourcesToImport", "IncludeNestedStacks",
                             "ImportExistingResources", "RetainExceptOnCreate", "DeploymentConfig", "StackSetName"})
    if (IsAsked(MemberOr(request, member))) return ApiError{"ValidationError", std::string(member) + " cannot be used by this build: leave it out."};
  if (IsAsked(MemberOr(MemberOr(request, "RollbackConfiguration"), "RollbackTriggers")))
    return ApiError{"ValidationError", "RollbackConfiguration cannot be used by this build: name alarms in the endpoint's DeploymentConfig."};
  if (StringOr(request, "DeploymentMode").size() > 0 && StringOr(request, "DeploymentMode") != "STANDARD")
    return ApiError{"ValidationError", "DeploymentMode cannot be used by this build: leave it out."};
  if (StringOr(request, "DeletionMode") == "FORCE_DELETE_STACK")
    return ApiError{"ValidationError", "DeletionMode cannot be used by this build: leave it out."};
  // All operations here answer on one page.
  if (IsAsked(MemberOr(request, "NextToken"))) return ApiError{"ValidationError", "NextToken was not given by this service."};
  return std::nullopt;
}

std::optional<ApiError> CheckUpdatable(const Stack& stack) {
  for (const char* status : {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED", "CREATE_FAILED", "UPDATE_ROLLBACK_FAILED"})
    if (stack.status == status) return std::nullopt;
  return ApiError{"ValidationError", "Stack:" + stack.id + " is in " + stack.status + " state and can not be updated."};
}

}  // namespace cloudformation

ApiResult<Json> CloudformationService::Call(const std::string& operation, const Json& input, const Caller& caller, const std::string&) {
  using S = CloudformationService;
  static const std::map<std::string, Operation> kOperations = {
      {"CreateStack", &S::CreateStack},
      {"UpdateStack", &S::UpdateStack},
      {"DeleteStack", &S::DeleteStack},
      {"DescribeStacks", &S::DescribeStacks},
      {"ListStacks", &S::ListStacks},
      {"DescribeStackEvents", &S::DescribeStackEvents},
      {"ListStackResources", &S::ListStackResources},
      {"DescribeStackResources", &S::DescribeStackResources},
      {"DescribeStackResource", &S::DescribeStackResource},
      {"ValidateTemplate", &S::ValidateTemplate},
      {"GetTemplate", &S::GetTemplate},
      {"GetTemplateSummary", &S::GetTemplateSummary},
      {"UpdateTerminationProtection", &S::UpdateTerminationProtection},
      {"CreateChangeSet", &S::CreateChangeSet},
      {"DescribeChangeSet", &S::DescribeChangeSet},
      {"ExecuteChangeSet", &S::ExecuteChangeSet},
      {"DeleteChangeSet", &S::DeleteChangeSet},
      {"ListChangeSets", &S::ListChangeSets},
  };
  const auto found = kOperations.find(operation);
  if (found == kOperations.end())
    return ApiFail("UnsupportedOperationException", "CloudFormation's operation " + operation + " is not built.", 400);
  const std::string stack = StringOr(input, "StackName");
  // A change set that is named by its ARN tells its stack only when it is found.
  const std::string resource = stack.empty()                ? "*"
                               : stack.rfind("arn:", 0) == 0 ? stack
                                                            : "arn:aws:cloudformation:" + context_.region + ":" + caller.account + ":stack/" + stack + "/*";
  SMHOST_API_CHECK(Authorize(caller, "cloudformation:" + operation, resource));
  SMHOST_API_CHECK(RefuseUnbuilt(input));
  StackWork work(context_, caller.account);
  SMHOST_API_TRY(const auto lock, work.Lock());
  return (this->*found->second)({input, caller, work});
}

ApiResult<StackInput> CloudformationService::InputOf(const Request& request, const Stack* stack) {
  StackInput input;
  const bool previous = BoolOr(request.input, "UsePreviousTemplate");
  if (previous && stack == nullptr) return Invalid("UsePreviousTemplate: there is no template before the first one.");
  if (previous) {
    input.body = stack->content.input.body;
  } else {
    SMHOST_API_TRY(input.body, TemplateBodyOf(request.input, context_.home));
  }
  SMHOST_API_TRY(input.parameters, ParametersOf(request.input, stack == nullptr ? Json::array() : stack->content.input.parameters));
  const Json& tags = MemberOr(request.input, "Tags");
  if (tags.is_array()) input.tags = tags;
  else if (stack != nullptr) input.tags = stack->content.input.tags;
  return input;
}

ApiResult<StackContent> CloudformationService::Expand(const Request& request, const Stack& stack, const StackInput& input) {
  const auto name_of = [&](const std::string& logical_id) {
    const StackResource* resource = stack.Find(logical_id);
    return resource == nullptr || resource->status == "DELETE_COMPLETE" ? MadeName(stack.name, logical_id) : resource->name;
  };
  return cloudformation::Expand(input, {request.caller.account, context_.region, stack.name, stack.id, name_of});
}

std::optional<ApiError> CloudformationService::MayChange(const Request& request, const Json& documents, bool deleting) {
  for (const Json& json : documents) {
    const Document document = DocumentFrom(json);
    const std::string type = InfoOf(document.kind).type, noun = type.substr(type.rfind(':') + 1);
    std::string action = std::string("sagemaker:") + (deleting ? "Delete" : "Create") + noun;
    if (document.kind == Kind::kAlarm) action = deleting ? "cloudwatch:DeleteAlarms" : "cloudwatch:PutMetricAlarm";
    if (auto denied = Authorize(request.caller, action, MakeArn(document.kind, context_.region, request.caller.account, document.name))) return denied;
  }
  return std::nullopt;
}

ApiResult<Json> CloudformationService::CreateStack(const Request& request) {
  const std::string name = StringOr(request.input, "StackName");
  if (!Stacks::IsStackName(name))
    return Invalid("1 validation error detected: Value '" + name.substr(0, 128) + "' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
  SMHOST_API_TRY(const std::vector<Stack> all, request.work.All());
  for (const Stack& one : all)
    if (one.name == name) return ApiFail("AlreadyExistsException", "Stack [" + name + "] already exists");
  if (all.size() >= limits::kStacks) return ApiFail("LimitExceededException", "Limit for stack has been exceeded");
  Stack stack;
  stack.name = name;
  stack.id = request.work.NewId(name);
  stack.on_failure = StringOr(request.input, "OnFailure", "ROLLBACK");
  if (request.input.contains("OnFailure") && request.input.contains("DisableRollback")) return Invalid("You cannot specify both DisableRollback and OnFailure.");
  if (BoolOr(request.input, "DisableRollback")) stack.on_failure = "DO_NOTHING";
  stack.protected_from_deletion = BoolOr(request.input, "EnableTerminationProtection");
  SMHOST_API_TRY(const StackInput input, InputOf(request, nullptr));
  SMHOST_API_TRY(StackContent content, Expand(request, stack, input));
  SMHOST_API_CHECK(MayChange(request, content.documents, false));
  SMHOST_API_TRY(const Stack made, request.work.Create(std::move(stack), std::move(content)));
  return Json{{"StackId", made.id}};
}

ApiResult<Json> CloudformationService::UpdateStack(const Request& request) {
  SMHOST_API_TRY(Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  SMHOST_API_CHECK(CheckUpdatable(stack));
  SMHOST_API_TRY(const StackInput input, InputOf(request, &stack));
  SMHOST_API_TRY(StackContent content, Expand(request, stack, input));
  SMHOST_API_CHECK(MayChange(request, content.documents, false));
  if (IsSame(content, stack.content)) return Invalid("No updates are to be performed.");
  stack.disable_rollback = BoolOr(request.input, "DisableRollback");
  SMHOST_API_TRY(const Stack updated, request.work.Update(std::move(stack), std::move(content)));
  return Json{{"StackId", updated.id}};
}

ApiResult<Json> CloudformationService::DeleteStack(const Request& request) {
  auto stack = request.work.Find(StringOr(request.input, "StackName"));
  // AWS has no word about a stack that is not there.
  if (!stack && stack.error().code == "ValidationError") return Json();
  if (!stack) return tl::unexpected<ApiError>(stack.error());
  if (stack->status == "DELETE_COMPLETE" || stack->status == "DELETE_IN_PROGRESS") return Json();
  if (stack->protected_from_deletion) return Invalid("Stack [" + stack->name + "] cannot be deleted while TerminationProtection is enabled");
  if (stack->status.rfind("UPDATE_", 0) == 0 && stack->InProgress())
    return Invalid("Stack [" + stack->id + "] cannot be deleted while in status " + stack->status);
  SMHOST_API_CHECK(MayChange(request, stack->content.documents, true));
  SMHOST_API_TRY(const Stack deleted, request.work.Delete(std::move(*stack)));
  return Json();
}

ApiResult<Json> CloudformationService::DescribeStacks(const Request& request) {
  Json shown = Json::array();
  if (const std::string name = StringOr(request.input, "StackName"); !name.empty()) {
    SMHOST_API_TRY(const Stack stack, request.work.Find(name));
    shown.push_back(ShowStack(stack));
    return Json{{"Stacks", shown}};
  }
  SMHOST_API_TRY(const std::vector<Stack> all, request.work.All());
  for (const Stack& stack : all) shown.push_back(ShowStack(stack));
  return Json{{"Stacks", shown}};
}

ApiResult<Json> CloudformationService::ListStacks(const Request& request) {
  SMHOST_API_TRY(std::vector<Stack> all, request.work.All());
  for (Stack& gone : request.work.Gone()) all.push_back(std::move(gone));
  std::sort(all.begin(), all.end(), [](const Stack& a, const Stack& b) { return a.created > b.created; });
  const Json& filter = MemberOr(request.input, "StackStatusFilter");
  Json shown = Json::array();
  for (const Stack& stack : all)
    if (!filter.is_array() || filter.empty() || std::find(filter.begin(), filter.end(), stack.status) != filter.end()) shown.push_back(ShowStackSummary(stack));
  return Json{{"StackSummaries", shown}};
}

ApiResult<Json> CloudformationService::DescribeStackEvents(const Request& request) {
  SMHOST_API_TRY(const Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  return Json{{"StackEvents", ShowEvents(stack)}};
}

ApiResult<Json> CloudformationService::ListStackResources(const Request& request) {
  SMHOST_API_TRY(const Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  Json shown = Json::array();
  for (const StackResource& resource : stack.resources) shown.push_back(ShowResource(stack, resource, ResourceForm::kSummary));
  return Json{{"StackResourceSummaries", shown}};
}

ApiResult<Json> CloudformationService::DescribeStackResources(const Request& request) {
  const std::string name = StringOr(request.input, "StackName"), physical = StringOr(request.input, "PhysicalResourceId");
  const std::string logical = StringOr(request.input, "LogicalResourceId");
  if (name.empty() == physical.empty()) return Invalid("Exactly one of StackName and PhysicalResourceId must be specified");
  std::vector<Stack> stacks;
  if (!name.empty()) {
    SMHOST_API_TRY(Stack stack, request.work.Find(name));
    stacks.push_back(std::move(stack));
  } else {
    SMHOST_API_TRY(stacks, request.work.All());
    std::erase_if(stacks, [&](const Stack& stack) {
      return std::none_of(stack.resources.begin(), stack.resources.end(), [&](const StackResource& r) { return r.physical_id == physical; });
    });
    if (stacks.empty()) return Invalid("Stack for " + physical + " does not exist");
  }
  Json shown = Json::array();
  for (const Stack& stack : stacks)
    for (const StackResource& resource : stack.resources)
      if (logical.empty() || resource.logical_id == logical) shown.push_back(ShowResource(stack, resource, ResourceForm::kResource));
  return Json{{"StackResources", shown}};
}

ApiResult<Json> CloudformationService::DescribeStackResource(const Request& request) {
  SMHOST_API_TRY(const Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  const std::string logical = StringOr(request.input, "LogicalResourceId");
  const StackResource* resource = stack.Find(logical);
  if (resource == nullptr) return Invalid("Resource " + logical + " does not exist for stack " + stack.name);
  return Json{{"StackResourceDetail", ShowResource(stack, *resource, ResourceForm::kDetail)}};
}

ApiResult<Json> CloudformationService::ValidateTemplate(const Request& request) {
  SMHOST_API_TRY(const std::string body, TemplateBodyOf(request.input, context_.home));
  return Summarize(body, false);
}

ApiResult<Json> CloudformationService::GetTemplate(const Request& request) {
  if (request.input.contains("ChangeSetName")) {
    SMHOST_API_TRY(const FoundChangeSet found, FindChangeSet(request));
    return Json{{"TemplateBody", found.stack.change_sets[found.index].input.body}, {"StagesAvailable", {"Original", "Processed"}}};
  }
  if (StringOr(request.input, "StackName").empty()) return Invalid("StackName or ChangeSetName is required.");
  SMHOST_API_TRY(const Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  return Json{{"TemplateBody", stack.content.input.body}, {"StagesAvailable", {"Original", "Processed"}}};
}

ApiResult<Json> CloudformationService::GetTemplateSummary(const Request& request) {
  if (const std::string name = StringOr(request.input, "StackName"); !name.empty()) {
    SMHOST_API_TRY(const Stack stack, request.work.Find(name));
    return Summarize(stack.content.input.body, true);
  }
  SMHOST_API_TRY(const std::string body, TemplateBodyOf(request.input, context_.home));
  return Summarize(body, true);
}

ApiResult<Json> CloudformationService::UpdateTerminationProtection(const Request& request) {
  SMHOST_API_TRY(Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  stack.protected_from_deletion = BoolOr(request.input, "EnableTerminationProtection");
  SMHOST_API_TRY(const Stack kept, request.work.Keep(std::move(stack)));
  return Json{{"StackId", kept.id}};
}

}  // namespace smhost
