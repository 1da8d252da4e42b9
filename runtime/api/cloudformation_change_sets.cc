// CloudformationService: change sets, by which `aws cloudformation deploy` and others create and update stacks.
#include <algorithm>

#include "api/cloud_result.h"
#include "api/cloudformation_service.h"
#include "api/cloudformation_template.h"
#include "api/cloudformation_views.h"
#include "api/policy.h"
#include "base/limits_api.h"

namespace smhost {

using namespace cloudformation;

namespace {

constexpr const char* kNoChanges = "The submitted information didn't contain changes. Submit different information to create a change set.";

tl::unexpected<ApiError> NoChangeSet(const std::string& name) { return ApiFail("ChangeSetNotFound", "ChangeSet [" + name + "] does not exist", 404); }

std::string ChangeSetId(const std::string& stack_id, const std::string& name) {
  // The stack's ARN with another kind and another random part.
  std::string arn = stack_id.substr(0, stack_id.find(":stack/"));
  return arn + ":changeSet/" + name + "/";
}

}  // namespace

ApiResult<Json> CloudformationService::CreateChangeSet(const Request& request) {
  const std::string name = StringOr(request.input, "StackName"), set_name = StringOr(request.input, "ChangeSetName");
  const std::string type = StringOr(request.input, "ChangeSetType", "UPDATE");
  if (type == "IMPORT") return ApiFail("ValidationError", "ChangeSetType IMPORT cannot be used by this build.");
  if (!Stacks::IsStackName(set_name)) return ApiFail("ValidationError", "ChangeSetName must be a letter, then letters, digits and hyphens.");
  auto found = request.work.Find(name);
  if (!found && found.error().status >= 500) return tl::unexpected<ApiError>(found.error());
  Stack stack;
  if (type == "CREATE") {
    if (found && found->status != "REVIEW_IN_PROGRESS" && found->status != "DELETE_COMPLETE")
      return ApiFail("ValidationError", "Stack [" + found->name + "] already exists and cannot be created again with the changeSet [" + set_name + "].");
    if (!found && !Stacks::IsStackName(name)) return ApiFail("ValidationError", "StackName must be a letter, then letters, digits and hyphens.");
    if (found) stack = std::move(*found);
  } else {
    if (!found) return tl::unexpected<ApiError>(found.error());
    SMHOST_API_CHECK(CheckUpdatable(*found));
    stack = std::move(*found);
  }
  if (stack.id.empty()) {
    SMHOST_API_TRY(const std::vector<Stack> all, request.work.All());
    if (all.size() >= limits::kStacks) return ApiFail("LimitExceededException", "Limit for stack has been exceeded");
    stack.name = name;
    stack.id = request.work.NewId(name);
    stack.created = request.work.Now();
    stack.Become("REVIEW_IN_PROGRESS", "User Initiated", stack.created);
  }
  // `aws cloudformation deploy` names its sets by the second, and two deployments of one second are usual here: the name of a
  // set that can be executed no more is free again.
  std::erase_if(stack.change_sets, [&](const ChangeSet& set) { return set.name == set_name && set.execution != "AVAILABLE"; });
  for (const ChangeSet& set : stack.change_sets)
    if (set.name == set_name) return ApiFail("AlreadyExistsException", "ChangeSet " + set_name + " already exists for stack " + stack.name);
  if (stack.change_sets.size() >= limits::kChangeSets) return ApiFail("LimitExceededException", "ChangeSet limit exceeded: delete some first.");
  ChangeSet set;
  set.name = set_name;
  set.id = ChangeSetId(stack.id, set_name) + LastPartOf(request.work.NewId(set_name));
  set.type = type;
  set.description = StringOr(request.input, "Description");
  set.created = request.work.Now();
  SMHOST_API_TRY(set.input, InputOf(request, type == "CREATE" ? nullptr : &stack));
  SMHOST_API_TRY(const StackContent content, Expand(request, stack, set.input));
  set.changes = ShowChanges(stack, content);
  const bool same = type == "UPDATE" && IsSame(content, stack.content);
  set.status = same ? "FAILED" : "CREATE_COMPLETE";
  set.reason = same ? kNoChanges : "";
  set.execution = same ? "UNAVAILABLE" : "AVAILABLE";
  if (const std::string on_failure = StringOr(request.input, "OnStackFailure"); !on_failure.empty()) stack.on_failure = on_failure;
  const Json answer = {{"Id", set.id}, {"StackId", stack.id}};
  stack.change_sets.push_back(std::move(set));
  SMHOST_API_TRY(const Stack kept, request.work.Keep(std::move(stack)));
  return answer;
}

ApiResult<CloudformationService::FoundChangeSet> CloudformationService::FindChangeSet(const Request& request) {
  const std::string name = StringOr(request.input, "ChangeSetName"), stack_name = StringOr(request.input, "StackName");
  const bool by_id = name.rfind("arn:", 0) == 0;
  std::vector<Stack> stacks;
  if (!stack_name.empty()) {
    SMHOST_API_TRY(Stack stack, request.work.Find(stack_name));
    stacks.push_back(std::move(stack));
  } else if (by_id) {
    SMHOST_API_TRY(stacks, request.work.All());
  } else {
    return ApiFail("ValidationError", "StackName must be specified if ChangeSetName is not specified as an ARN.");
  }
  for (Stack& stack : stacks)
    for (std::size_t i = 0; i < stack.change_sets.size(); ++i)
      if ((by_id ? stack.change_sets[i].id : stack.change_sets[i].name) == name) return FoundChangeSet{std::move(stack), i};
  return NoChangeSet(name);
}

ApiResult<Json> CloudformationService::DescribeChangeSet(const Request& request) {
  SMHOST_API_TRY(const FoundChangeSet found, FindChangeSet(request));
  return ShowChangeSet(found.stack, found.stack.change_sets[found.index]);
}

ApiResult<Json> CloudformationService::ExecuteChangeSet(const Request& request) {
  SMHOST_API_TRY(FoundChangeSet found, FindChangeSet(request));
  Stack& stack = found.stack;
  const ChangeSet set = stack.change_sets[found.index];
  if (set.execution != "AVAILABLE")
    return ApiFail("InvalidChangeSetStatus", "ChangeSet [" + set.id + "] cannot be executed in its current status of [" +
                                                 (set.status == "FAILED" ? set.status : set.execution) + "]");
  if (set.type == "UPDATE") SMHOST_API_CHECK(CheckUpdatable(stack));
  SMHOST_API_TRY(StackContent content, Expand(request, stack, set.input));
  SMHOST_API_CHECK(MayChange(request, content.documents, false));
  // The other sets speak of a stack that is no more.
  stack.change_sets = {set};
  stack.change_sets[0].execution = "EXECUTE_COMPLETE";
  stack.disable_rollback = BoolOr(request.input, "DisableRollback");
  SMHOST_API_TRY(const Stack done, set.type == "CREATE" ? request.work.Create(std::move(stack), std::move(content))
                                                        : request.work.Update(std::move(stack), std::move(content)));
  return Json();
}

ApiResult<Json> CloudformationService::DeleteChangeSet(const Request& request) {
  auto found = FindChangeSet(request);
  if (!found && found.error().code == "ChangeSetNotFound") return Json();  // as in AWS
  if (!found) return tl::unexpected<ApiError>(found.error());
  Stack& stack = found->stack;
  stack.change_sets.erase(stack.change_sets.begin() + static_cast<std::ptrdiff_t>(found->index));
  SMHOST_API_TRY(const Stack kept, request.work.Keep(std::move(stack)));
  return Json();
}

ApiResult<Json> CloudformationService::ListChangeSets(const Request& request) {
  SMHOST_API_TRY(const Stack stack, request.work.Find(StringOr(request.input, "StackName")));
  Json shown = Json::array();
  for (const ChangeSet& set : stack.change_sets) shown.push_back(ShowChangeSetSummary(stack, set));
  return Json{{"Summaries", shown}};
}

}  // namespace smhost
