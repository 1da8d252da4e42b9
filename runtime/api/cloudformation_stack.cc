#include "api/cloudformation_stack.h"

#include <algorithm>

#include "base/limits_api.h"
#include "base/random.h"

namespace smhost::cloudformation {
namespace {

constexpr const char* kStackType = "AWS::CloudFormation::Stack";

Json ListOr(const Json& object, const char* key) {
  const Json& list = MemberOr(object, key);
  return list.is_array() ? list : Json::array();
}

Json ToJson(const StackInput& input) {
  return {{"Body", input.body}, {"Parameters", input.parameters}, {"Tags", input.tags}};
}
StackInput InputFrom(const Json& json) {
  return {StringOr(json, "Body"), ListOr(json, "Parameters"), ListOr(json, "Tags")};
}

Json ToJson(const StackContent& content) {
  return {{"Input", ToJson(content.input)}, {"Description", content.description}, {"Outputs", content.outputs}, {"Documents", content.documents}};
}
StackContent ContentFrom(const Json& json) {
  return {InputFrom(MemberOr(json, "Input")), StringOr(json, "Description"), ListOr(json, "Outputs"), ListOr(json, "Documents")};
}

Json ToJson(const StackResource& r) {
  return {{"LogicalId", r.logical_id}, {"Type", InfoOf(r.kind).type}, {"Name", r.name},   {"PhysicalId", r.physical_id},
          {"Uid", r.uid},              {"Status", r.status},          {"Reason", r.reason}, {"Time", r.time}};
}
std::optional<StackResource> ResourceFrom(const Json& json) {
  const auto kind = FindKind(StringOr(json, "Type"));
  if (!kind) return std::nullopt;
  return StackResource{StringOr(json, "LogicalId"), *kind,           StringOr(json, "Name"), StringOr(json, "PhysicalId"), StringOr(json, "Uid"),
                       StringOr(json, "Status"),    StringOr(json, "Reason"), StringOr(json, "Time")};
}

Json ToJson(const StackEvent& e) {
  return {{"Id", e.id},         {"LogicalId", e.logical_id}, {"PhysicalId", e.physical_id}, {"Type", e.type},
          {"Status", e.status}, {"Reason", e.reason},        {"Time", e.time}};
}
StackEvent EventFrom(const Json& json) {
  return {StringOr(json, "Id"),     StringOr(json, "LogicalId"), StringOr(json, "PhysicalId"), StringOr(json, "Type"),
          StringOr(json, "Status"), StringOr(json, "Reason"),    StringOr(json, "Time")};
}

Json ToJson(const ChangeSet& c) {
  return {{"Name", c.name},     {"Id", c.id},         {"Type", c.type},           {"Description", c.description}, {"Created", c.created}, {"Input", ToJson(c.input)},
          {"Status", c.status}, {"Reason", c.reason}, {"Execution", c.execution}, {"Changes", c.changes}};
}
ChangeSet ChangeSetFrom(const Json& json) {
  return {StringOr(json, "Name"),    StringOr(json, "Id"),     StringOr(json, "Type"),   StringOr(json, "Description"),
          StringOr(json, "Created"), InputFrom(MemberOr(json, "Input")), StringOr(json, "Status"), StringOr(json, "Reason"),
          StringOr(json, "Execution"), ListOr(json, "Changes")};
}

template <typename Items>
Json ListOf(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(ToJson(item));
  return list;
}

void Note(Stack& stack, StackEvent event) {
  event.id = RandomHex(16);
  stack.events.push_back(std::move(event));
  if (stack.events.size() > limits::kStackEvents)
    stack.events.erase(stack.events.begin(), stack.events.end() - static_cast<std::ptrdiff_t>(limits::kStackEvents));
}

}  // namespace

StackResource* Stack::Find(const std::string& logical_id) {
  const auto it = std::find_if(resources.rbegin(), resources.rend(), [&](const StackResource& r) { return r.logical_id == logical_id; });
  return it == resources.rend() ? nullptr : &*it;
}

void Stack::Become(const std::string& new_status, const std::string& why, const std::string& now) {
  if (status == new_status && reason == why) return;
  status = new_status;
  reason = why;
  Note(*this, {"", name, id, kStackType, status, reason, now});
}

void Stack::Become(StackResource& resource, const std::string& new_status, const std::string& why, const std::string& now) {
  if (resource.status == new_status && resource.reason == why) return;
  resource.status = new_status;
  resource.reason = why;
  resource.time = now;
  Note(*this, {"", resource.logical_id, resource.physical_id, InfoOf(resource.kind).type, new_status, why, now});
}

Json StackToJson(const Stack& stack) {
  Json json = {{"Name", stack.name},
               {"Id", stack.id},
               {"Status", stack.status},
               {"Reason", stack.reason},
               {"Created", stack.created},
               {"Updated", stack.updated},
               {"Deleted", stack.deleted},
               {"OnFailure", stack.on_failure},
               {"DisableRollback", stack.disable_rollback},
               {"Protected", stack.protected_from_deletion},
               {"Applied", stack.applied},
               {"Content", ToJson(stack.content)},
               {"Resources", ListOf(stack.resources)},
               {"Events", ListOf(stack.events)},
               {"ChangeSets", ListOf(stack.change_sets)}};
  if (stack.former) json["Former"] = ToJson(*stack.former);
  return json;
}

Result<Stack> StackFromJson(const Json& json) {
  Stack stack;
  stack.name = StringOr(json, "Name");
  stack.id = StringOr(json, "Id");
  stack.status = StringOr(json, "Status");
  if (stack.name.empty() || stack.id.empty() || stack.status.empty())
    return Fail(Code::kCorrupt, "A stack's document has no name, id or status");
  stack.reason = StringOr(json, "Reason");
  stack.created = StringOr(json, "Created");
  stack.updated = StringOr(json, "Updated");
  stack.deleted = StringOr(json, "Deleted");
  stack.on_failure = StringOr(json, "OnFailure", stack.on_failure);
  stack.disable_rollback = BoolOr(json, "DisableRollback");
  stack.protected_from_deletion = BoolOr(json, "Protected");
  stack.applied = BoolOr(json, "Applied", true);
  stack.content = ContentFrom(MemberOr(json, "Content"));
  if (json.contains("Former")) stack.former = ContentFrom(json.at("Former"));
  for (const Json& one : ListOr(json, "Resources"))
    if (auto resource = ResourceFrom(one)) stack.resources.push_back(std::move(*resource));
  for (const Json& one : ListOr(json, "Events")) stack.events.push_back(EventFrom(one));
  for (const Json& one : ListOr(json, "ChangeSets")) stack.change_sets.push_back(ChangeSetFrom(one));
  return stack;
}

std::string LastPartOf(const std::string& arn) { return arn.substr(arn.rfind('/') + 1); }

}  // namespace smhost::cloudformation
