#include "api/cloudformation_work.h"

#include <algorithm>
#include <set>

#include "api/cloud_result.h"
#include "api/cloudformation_template.h"
#include "api/endpoint_state.h"
#include "api/endpoint_uses.h"
#include "base/limits_api.h"
#include "base/random.h"
#include "resources/arn.h"
#include "state/naming.h"

namespace smhost::cloudformation {
namespace {

tl::unexpected<ApiError> NoStack(const std::string& name) { return ApiFail("ValidationError", "Stack with id " + name + " does not exist"); }

std::string Uuid() {
  const std::string hex = RandomHex(16);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
}

const Json* FindDocument(const Json& documents, const std::string& logical_id, const std::string& name) {
  for (const Json& document : documents)
    if (StringOr(document, "LogicalId") == logical_id && StringOr(document, "Name") == name) return &document;
  return nullptr;
}

}  // namespace

std::string StackWork::NewId(const std::string& name) const {
  return "arn:aws:cloudformation:" + context_.region + ":" + account_ + ":stack/" + name + "/" + Uuid();
}

std::string StackWork::Ref(Kind kind, const std::string& name) const {
  const bool by_name = kind == Kind::kAlarm || kind == Kind::kGoldenSet || kind == Kind::kPublicRoute;
  return by_name ? name : MakeArn(kind, context_.region, account_, name);
}

ApiResult<std::unique_ptr<HeldLock>> StackWork::Lock() {
  auto lock = stacks_.Lock(account_);
  if (!lock) return ApiFail(lock.error());
  return std::move(*lock);
}

ApiResult<std::vector<Stack>> StackWork::All() {
  const auto names = stacks_.Names(account_);
  if (!names) return ApiFail(names.error());
  std::vector<Stack> all;
  for (const std::string& name : *names) {
    auto stack = Find(name);
    if (!stack && stack.error().status < 500) continue;  // went meanwhile
    if (!stack) return tl::unexpected<ApiError>(stack.error());
    all.push_back(std::move(*stack));
  }
  return all;
}

std::vector<Stack> StackWork::Gone() {
  std::vector<Stack> gone;
  const auto retired = stacks_.Retired(account_);
  if (!retired) return gone;
  for (const Json& json : *retired)
    if (auto stack = StackFromJson(json)) gone.push_back(std::move(*stack));
  return gone;
}

ApiResult<Stack> StackWork::Find(const std::string& name_or_id) {
  std::string name = name_or_id, id;
  if (name_or_id.rfind("arn:", 0) == 0) {
    id = LastPartOf(name_or_id);
    const std::size_t slash = name_or_id.find('/');
    const std::size_t last = name_or_id.rfind('/');
    if (slash == std::string::npos || slash == last) return NoStack(name_or_id);
    name = name_or_id.substr(slash + 1, last - slash - 1);
  }
  if (!Stacks::IsStackName(name)) return NoStack(name_or_id);
  const auto found = stacks_.Get(account_, name);
  if (!found && found.error().code != Code::kNotFound) return ApiFail(found.error());
  if (found) {
    auto stack = StackFromJson(*found);
    if (!stack) return ApiFail(stack.error());
    if (id.empty() || stack->id == name_or_id) {
      SMHOST_API_TRY(Stack now, GoOn(std::move(*stack)));
      if (now.status == "DELETE_COMPLETE" && id.empty()) return NoStack(name_or_id);
      return now;
    }
  }
  if (!id.empty())
    if (const auto gone = stacks_.GetRetired(account_, id))
      if (auto stack = StackFromJson(*gone); stack && stack->id == name_or_id) return std::move(*stack);
  return NoStack(name_or_id);
}

ApiResult<Stack> StackWork::Keep(Stack stack) {
  const Status kept = stack.status == "DELETE_COMPLETE" ? stacks_.Retire(account_, stack.name, LastPartOf(stack.id), StackToJson(stack))
                                                        : stacks_.Put(account_, stack.name, StackToJson(stack));
  if (!kept) return ApiFail(kept.error());
  return stack;
}

// A document of the same name that somebody else made, before or after, is not the stack's. Where this process ended before it
// could note the uid: what was made after the stack said so durably, so not in the same moment.
bool StackWork::IsOurs(const StackResource& resource, const Resource& stored) const {
  if (!resource.uid.empty()) return stored.uid == resource.uid;
  return stored.creation_time > resource.time;
}

Seen StackWork::Look(const StackResource& resource) {
  const auto stored = context_.store.Get(account_, resource.kind, resource.name);
  const bool unknown = !stored && stored.error().code != Code::kNotFound;
  Seen seen;
  seen.exists = unknown || (stored && IsOurs(resource, *stored));
  seen.settled = seen.exists && !unknown;
  if (resource.kind != Kind::kEndpoint) return seen;
  // Its instances may still be on their way out when there is no document any more.
  if (!seen.exists && !stored && context_.store.GetStatus(account_, resource.kind, resource.name)) seen.exists = resource.status == "DELETE_IN_PROGRESS";
  if (!seen.settled) return seen;
  const auto state = ReadEndpointState(context_.store, account_, resource.name, true);
  if (!state) return {true, false, false, false, ""};
  seen.down = state->status == "Failed" || state->status == "UpdateRollbackFailed" || state->status == "OutOfService";
  seen.settled = state->observed && (state->status == "InService" || seen.down);
  seen.failed = seen.settled && (seen.down || !state->reason.empty());
  seen.reason = state->reason;
  return seen;
}

std::map<std::string, Seen> StackWork::LookAtAll(const Stack& stack) {
  std::map<std::string, Seen> seen;
  for (const StackResource& resource : stack.resources)
    if (resource.status.ends_with("_IN_PROGRESS")) seen[ResourceLabel(resource.kind, resource.name)] = Look(resource);
  return seen;
}

// Each step is kept before what it asks for is done: whatever ends this process, the next call finds it and does it again.
ApiResult<Stack> StackWork::GoOn(Stack stack) {
  constexpr int kMostSteps = 8;  // creation, rollback, deletion, …: more than any stack takes at once
  for (int step = 0; step < kMostSteps && stack.InProgress(); ++step) {
    if (!stack.applied) {
      SMHOST_API_TRY(stack, ApplyDocuments(std::move(stack)));
    }
    DeleteMarked(stack);
    const std::string before = CompactJson(StackToJson(stack));
    Advance(stack, LookAtAll(stack), Now());
    if (CompactJson(StackToJson(stack)) == before) return stack;
    SMHOST_API_TRY(stack, Keep(std::move(stack)));
  }
  return stack;
}

void StackWork::DeleteMarked(Stack& stack) {
  std::vector<const StackResource*> marked;
  for (const StackResource& resource : stack.resources)
    if (resource.status == "DELETE_IN_PROGRESS") marked.push_back(&resource);
  // Endpoints before what they use.
  std::stable_sort(marked.begin(), marked.end(), [](const auto* a, const auto* b) { return a->kind > b->kind; });
  for (const StackResource* resource : marked) {
    const auto stored = context_.store.Get(account_, resource->kind, resource->name);
    if (stored && IsOurs(*resource, *stored)) (void)context_.store.Delete(account_, resource->kind, resource->name, stored->generation);
  }
}

ApiResult<Stack> StackWork::ApplyDocuments(Stack stack) {
  std::vector<Document> documents;
  ApplyOptions options;
  for (const Json& json : stack.content.documents) {
    documents.push_back(DocumentFrom(json));
    const Document& document = documents.back();
    const StackResource* resource = stack.Find(StringOr(json, "LogicalId"));
    const auto stored = context_.store.Get(account_, document.kind, document.name);
    if (resource != nullptr && !(stored && IsOurs(*resource, *stored))) options.expected_generations[{document.kind, document.name}] = 0;
  }
  const auto outcomes = context_.store.Apply(account_, documents, options);
  if (!outcomes && outcomes.error().code == Code::kUnavailable) return ApiFail(outcomes.error());
  if (!outcomes) {
    std::string guilty;
    for (const StackResource& resource : stack.resources)
      if (ResourceLabel(resource.kind, resource.name) == outcomes.error().resource) guilty = resource.logical_id;
    Refuse(stack, guilty, outcomes.error().message, Now());
    return Keep(std::move(stack));
  }
  for (const Outcome& outcome : *outcomes)
    for (StackResource& resource : stack.resources)
      if (resource.kind == outcome.resource.kind && resource.name == outcome.resource.name) resource.uid = outcome.resource.uid;
  stack.applied = true;
  return Keep(std::move(stack));
}

ApiResult<Stack> StackWork::Create(Stack stack, StackContent content) {
  const std::string now = Now();
  stack.content = std::move(content);
  stack.applied = false;
  if (stack.created.empty()) stack.created = now;
  stack.Become("CREATE_IN_PROGRESS", "User Initiated", now);
  for (const Json& document : stack.content.documents) {
    const Document wanted = DocumentFrom(document);
    StackResource resource{StringOr(document, "LogicalId"), wanted.kind, wanted.name, Ref(wanted.kind, wanted.name), "", "", "", now};
    stack.resources.push_back(resource);
    stack.Become(stack.resources.back(), "CREATE_IN_PROGRESS", "", now);
  }
  SMHOST_API_TRY(Stack kept, Keep(std::move(stack)));
  return GoOn(std::move(kept));
}

// Those whose documents differ, and the endpoints that use one of them.
void StackWork::MarkUpdates(Stack& stack, const Json& before) {
  const std::string now = Now();
  std::set<std::pair<Kind, std::string>> changed;
  for (const Json& document : stack.content.documents) {
    const Document wanted = DocumentFrom(document);
    const std::string logical_id = StringOr(document, "LogicalId");
    const Json* former = FindDocument(before, logical_id, wanted.name);
    if (former != nullptr && *former == document) continue;
    if (former == nullptr) {
      stack.resources.push_back({logical_id, wanted.kind, wanted.name, Ref(wanted.kind, wanted.name), "", "", "", now});
      stack.Become(stack.resources.back(), "CREATE_IN_PROGRESS", "", now);
      continue;
    }
    changed.insert({wanted.kind, wanted.name});
    if (StackResource* resource = stack.Find(logical_id)) stack.Become(*resource, "UPDATE_IN_PROGRESS", "", now);
  }
  const auto reached = EndpointsReached(context_.store, account_, changed);
  for (StackResource& resource : stack.resources) {
    const bool used = resource.kind == Kind::kEndpoint && reached && std::count(reached->begin(), reached->end(), resource.name) != 0;
    if (used && FindDocument(stack.content.documents, resource.logical_id, resource.name) != nullptr && !resource.status.ends_with("_IN_PROGRESS"))
      stack.Become(resource, "UPDATE_IN_PROGRESS", "", now);
  }
}

ApiResult<Stack> StackWork::Update(Stack stack, StackContent content) {
  const std::string now = Now();
  stack.former = std::move(stack.content);
  stack.content = std::move(content);
  stack.applied = false;
  stack.updated = now;
  std::erase_if(stack.resources, [](const StackResource& r) { return r.status == "DELETE_COMPLETE"; });
  stack.Become("UPDATE_IN_PROGRESS", "User Initiated", now);
  MarkUpdates(stack, stack.former->documents);
  SMHOST_API_TRY(Stack kept, Keep(std::move(stack)));
  return GoOn(std::move(kept));
}

ApiResult<Stack> StackWork::Delete(Stack stack) {
  const std::string now = Now();
  stack.former.reset();
  stack.applied = true;
  stack.Become("DELETE_IN_PROGRESS", "User Initiated", now);
  BeginDeletion(stack, now);
  SMHOST_API_TRY(Stack kept, Keep(std::move(stack)));
  return GoOn(std::move(kept));
}

}  // namespace smhost::cloudformation
