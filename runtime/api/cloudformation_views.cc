#include "api/cloudformation_views.h"

#include <algorithm>

#include "api/cloudformation_template.h"
#include "resources/diff.h"

namespace smhost::cloudformation {
namespace {

void PutText(Json& object, const char* member, const std::string& text) {
  if (!text.empty()) object[member] = text;
}

Json ResourceChange(const char* action, const Json& document, const StackResource* resource) {
  Json change = {{"Action", action}, {"LogicalResourceId", StringOr(document, "LogicalId")}, {"ResourceType", StringOr(document, "Type")}};
  if (resource != nullptr) change["PhysicalResourceId"] = resource->physical_id;
  return {{"Type", "Resource"}, {"ResourceChange", std::move(change)}};
}

const Json* DocumentOf(const Json& documents, const std::string& logical_id) {
  const auto it = std::find_if(documents.begin(), documents.end(), [&](const Json& d) { return StringOr(d, "LogicalId") == logical_id; });
  return it == documents.end() ? nullptr : &*it;
}

// Which properties differ, by their first names.
Json Details(const Json& from, const Json& to, Json& scope) {
  Json details = Json::array(), names = Json::array();
  scope = Json::array();
  for (const PropertyChange& change : Diff(MemberOr(from, "Properties"), MemberOr(to, "Properties"))) {
    const std::string name = change.path.substr(0, change.path.find_first_of(".["));
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.push_back(name);
    const char* attribute = name == "Tags" ? "Tags" : "Properties";
    if (std::find(scope.begin(), scope.end(), attribute) == scope.end()) scope.push_back(attribute);
    Json target = {{"Attribute", attribute}, {"RequiresRecreation", "Never"}};
    if (name != "Tags") target["Name"] = name;
    details.push_back({{"Target", target}, {"Evaluation", "Static"}, {"ChangeSource", "DirectModification"}});
  }
  return details;
}

}  // namespace

Json ShowStack(const Stack& stack) {
  Json shown = {{"StackId", stack.id},
                {"StackName", stack.name},
                {"CreationTime", stack.created},
                {"StackStatus", stack.status},
                {"DisableRollback", stack.on_failure == "DO_NOTHING"},
                {"EnableTerminationProtection", stack.protected_from_deletion},
                {"DriftInformation", {{"StackDriftStatus", "NOT_CHECKED"}}},
                {"NotificationARNs", Json::array()},
                {"RollbackConfiguration", Json::object()},
                {"Tags", stack.content.input.tags}};
  PutText(shown, "StackStatusReason", stack.reason == "User Initiated" ? "" : stack.reason);
  PutText(shown, "Description", stack.content.description);
  PutText(shown, "LastUpdatedTime", stack.updated);
  PutText(shown, "DeletionTime", stack.deleted);
  const Json parameters = ShownParameters(stack.content.input);
  if (!parameters.empty()) shown["Parameters"] = parameters;
  // While the first creation is under way there is nothing to tell.
  if (!stack.content.outputs.empty() && stack.status != "CREATE_IN_PROGRESS" && stack.status != "REVIEW_IN_PROGRESS") shown["Outputs"] = stack.content.outputs;
  return shown;
}

Json ShowStackSummary(const Stack& stack) {
  Json shown = {{"StackId", stack.id}, {"StackName", stack.name}, {"CreationTime", stack.created}, {"StackStatus", stack.status},
                {"DriftInformation", {{"StackDriftStatus", "NOT_CHECKED"}}}};
  PutText(shown, "StackStatusReason", stack.reason == "User Initiated" ? "" : stack.reason);
  PutText(shown, "TemplateDescription", stack.content.description);
  PutText(shown, "LastUpdatedTime", stack.updated);
  PutText(shown, "DeletionTime", stack.deleted);
  return shown;
}

Json ShowEvents(const Stack& stack) {
  Json events = Json::array();
  for (auto event = stack.events.rbegin(); event != stack.events.rend(); ++event) {
    Json shown = {{"StackId", stack.id},
                  {"StackName", stack.name},
                  {"EventId", event->id},
                  {"LogicalResourceId", event->logical_id},
                  {"PhysicalResourceId", event->physical_id},
                  {"ResourceType", event->type},
                  {"Timestamp", event->time},
                  {"ResourceStatus", event->status}};
    PutText(shown, "ResourceStatusReason", event->reason);
    events.push_back(std::move(shown));
  }
  return events;
}

Json ShowResource(const Stack& stack, const StackResource& resource, ResourceForm form) {
  Json shown = {{"LogicalResourceId", resource.logical_id},
                {"PhysicalResourceId", resource.physical_id},
                {"ResourceType", InfoOf(resource.kind).type},
                {form == ResourceForm::kResource ? "Timestamp" : "LastUpdatedTimestamp", resource.time},
                {"ResourceStatus", resource.status},
                {"DriftInformation", {{"StackResourceDriftStatus", "NOT_CHECKED"}}}};
  PutText(shown, "ResourceStatusReason", resource.reason);
  if (form == ResourceForm::kSummary) return shown;
  shown["StackName"] = stack.name;
  shown["StackId"] = stack.id;
  return shown;
}

Json ShowChangeSetSummary(const Stack& stack, const ChangeSet& set) {
  Json shown = {{"StackId", stack.id},     {"StackName", stack.name}, {"ChangeSetId", set.id},       {"ChangeSetName", set.name},
                {"ExecutionStatus", set.execution}, {"Status", set.status},    {"CreationTime", set.created}, {"IncludeNestedStacks", false}};
  PutText(shown, "StatusReason", set.reason);
  PutText(shown, "Description", set.description);
  return shown;
}

Json ShowChangeSet(const Stack& stack, const ChangeSet& set) {
  Json shown = ShowChangeSetSummary(stack, set);
  shown["Changes"] = set.changes;
  shown["Tags"] = set.input.tags;
  shown["NotificationARNs"] = Json::array();
  shown["RollbackConfiguration"] = Json::object();
  const Json parameters = ShownParameters(set.input);
  if (!parameters.empty()) shown["Parameters"] = parameters;
  return shown;
}

Json ShowChanges(const Stack& stack, const StackContent& to) {
  Json changes = Json::array();
  for (const Json& document : to.documents) {
    const std::string logical_id = StringOr(document, "LogicalId");
    const Json* former = DocumentOf(stack.content.documents, logical_id);
    if (former == nullptr) {
      changes.push_back(ResourceChange("Add", document, nullptr));
      continue;
    }
    if (*former == document) continue;
    Json change = ResourceChange("Modify", document, stack.Find(logical_id));
    Json& inner = change["ResourceChange"];
    inner["Replacement"] = StringOr(*former, "Name") == StringOr(document, "Name") ? "False" : "True";
    inner["Details"] = Details(*former, document, inner["Scope"]);
    changes.push_back(std::move(change));
  }
  for (const Json& former : stack.content.documents)
    if (DocumentOf(to.documents, StringOr(former, "LogicalId")) == nullptr)
      changes.push_back(ResourceChange("Remove", former, stack.Find(StringOr(former, "LogicalId"))));
  return changes;
}

}  // namespace smhost::cloudformation
