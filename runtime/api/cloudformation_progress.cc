#include "api/cloudformation_progress.h"

#include <algorithm>
#include <vector>

#include "state/naming.h"

namespace smhost::cloudformation {
namespace {

constexpr const char* kCancelled = "Resource creation cancelled";

Seen SeenOf(const std::map<std::string, Seen>& seen, const StackResource& resource) {
  const auto it = seen.find(ResourceLabel(resource.kind, resource.name));
  return it == seen.end() ? Seen() : it->second;
}

std::string VerbOf(const StackResource& resource) { return resource.status.substr(0, resource.status.find('_')); }

bool AnyInProgress(const Stack& stack) {
  return std::any_of(stack.resources.begin(), stack.resources.end(), [](const StackResource& r) { return r.status.ends_with("_IN_PROGRESS"); });
}

// "The following resource(s) failed to create: [A, B]. "
std::string FailedReason(const Stack& stack) {
  std::string created, updated;
  for (const StackResource& resource : stack.resources) {
    if (resource.status == "CREATE_FAILED") created += (created.empty() ? "" : ", ") + resource.logical_id;
    if (resource.status == "UPDATE_FAILED") updated += (updated.empty() ? "" : ", ") + resource.logical_id;
  }
  std::string text;
  if (!created.empty()) text += "The following resource(s) failed to create: [" + created + "]. ";
  if (!updated.empty()) text += "The following resource(s) failed to update: [" + updated + "]. ";
  return text;
}

bool Holds(const Json& documents, const StackResource& resource) {
  return std::any_of(documents.begin(), documents.end(), [&](const Json& document) {
    return StringOr(document, "LogicalId") == resource.logical_id && StringOr(document, "Name") == resource.name;
  });
}

// Those that were to be deleted and are gone leave the list of an existing stack's resources, and stay in a stack that was
// rolled back or deleted.
void LookAtDeletions(Stack& stack, const std::map<std::string, Seen>& seen, const std::string& now) {
  for (StackResource& resource : stack.resources)
    if (resource.status == "DELETE_IN_PROGRESS" && !SeenOf(seen, resource).exists) stack.Become(resource, "DELETE_COMPLETE", "", now);
}

void DropDeleted(Stack& stack) {
  std::erase_if(stack.resources, [](const StackResource& r) { return r.status == "DELETE_COMPLETE"; });
}

// Creations and updates: true where one has failed.
bool LookAtChanges(Stack& stack, const std::map<std::string, Seen>& seen, const std::string& now) {
  bool failed = false;
  for (StackResource& resource : stack.resources) {
    if (!resource.status.ends_with("_IN_PROGRESS") || resource.status == "DELETE_IN_PROGRESS") continue;
    const Seen one = SeenOf(seen, resource);
    const std::string verb = VerbOf(resource);
    if (!one.exists || (one.settled && one.failed)) {
      stack.Become(resource, verb + "_FAILED", one.exists ? one.reason : "The resource was deleted by somebody else", now);
      failed = true;
    } else if (one.settled) {
      stack.Become(resource, verb + "_COMPLETE", "", now);
    }
  }
  return failed;
}

void FailCreation(Stack& stack, const std::string& now) {
  const std::string why = FailedReason(stack);
  if (stack.disable_rollback || stack.on_failure == "DO_NOTHING") {
    stack.Become("CREATE_FAILED", why, now);
    return;
  }
  for (StackResource& resource : stack.resources)
    if (resource.status == "CREATE_IN_PROGRESS") stack.Become(resource, "CREATE_FAILED", kCancelled, now);
  if (stack.on_failure == "DELETE") stack.Become("DELETE_IN_PROGRESS", why + "Delete requested by user.", now);
  else stack.Become("ROLLBACK_IN_PROGRESS", why + "Rollback requested by user.", now);
  BeginDeletion(stack, now);
}

// Resources that the update made go; the others get their former documents.
void FailUpdate(Stack& stack, const std::string& now) {
  const std::string why = FailedReason(stack);
  if (stack.disable_rollback) {
    stack.Become("UPDATE_FAILED", why, now);
    return;
  }
  stack.Become("UPDATE_ROLLBACK_IN_PROGRESS", why, now);
  for (StackResource& resource : stack.resources) {
    const std::string verb = VerbOf(resource);
    if (stack.former && !Holds(stack.former->documents, resource)) stack.Become(resource, "DELETE_IN_PROGRESS", "", now);
    else if (verb == "UPDATE") stack.Become(resource, "UPDATE_IN_PROGRESS", "", now);
  }
  if (stack.former) stack.content = *stack.former;
  stack.applied = false;
}

// What the template has no more is deleted once all the rest is there.
void BeginCleanUp(Stack& stack, const std::string& now) {
  stack.former.reset();
  stack.Become("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "", now);
  for (StackResource& resource : stack.resources) {
    if (!Holds(stack.content.documents, resource)) stack.Become(resource, "DELETE_IN_PROGRESS", "", now);
  }
}

void AdvanceUpdate(Stack& stack, const std::map<std::string, Seen>& seen, const std::string& now) {
  if (LookAtChanges(stack, seen, now)) return FailUpdate(stack, now);
  if (!AnyInProgress(stack)) BeginCleanUp(stack, now);
}

void AdvanceUpdateRollback(Stack& stack, const std::map<std::string, Seen>& seen, const std::string& now) {
  std::string lost;
  for (StackResource& resource : stack.resources) {
    const Seen one = SeenOf(seen, resource);
    if (resource.status != "UPDATE_IN_PROGRESS" || (one.exists && !one.settled)) continue;
    // The reason of the update that failed may still stand there: what counts is that the resource is up.
    const bool good = one.exists && !one.down;
    stack.Become(resource, good ? "UPDATE_COMPLETE" : "UPDATE_FAILED", good ? "" : one.reason, now);
    if (!good) lost += (lost.empty() ? "" : ", ") + resource.logical_id;
  }
  if (!lost.empty()) {
    stack.former.reset();
    return stack.Become("UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [" + lost + "]. ", now);
  }
  if (AnyInProgress(stack)) return;
  DropDeleted(stack);
  stack.former.reset();
  stack.Become("UPDATE_ROLLBACK_COMPLETE", "", now);
}

}  // namespace

void BeginDeletion(Stack& stack, const std::string& now) {
  for (StackResource& resource : stack.resources)
    if (resource.status != "DELETE_COMPLETE") stack.Become(resource, "DELETE_IN_PROGRESS", "", now);
}

void Advance(Stack& stack, const std::map<std::string, Seen>& seen, const std::string& now) {
  if (!stack.applied) return;
  LookAtDeletions(stack, seen, now);
  if (stack.status == "CREATE_IN_PROGRESS") {
    if (LookAtChanges(stack, seen, now)) FailCreation(stack, now);
    else if (!AnyInProgress(stack)) stack.Become("CREATE_COMPLETE", "", now);
  } else if (stack.status == "UPDATE_IN_PROGRESS") {
    AdvanceUpdate(stack, seen, now);
  } else if (stack.status == "UPDATE_ROLLBACK_IN_PROGRESS") {
    AdvanceUpdateRollback(stack, seen, now);
  }
  if (AnyInProgress(stack)) return;
  if (stack.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") {
    DropDeleted(stack);
    stack.Become("UPDATE_COMPLETE", "", now);
  } else if (stack.status == "ROLLBACK_IN_PROGRESS") {
    stack.Become("ROLLBACK_COMPLETE", "", now);
  } else if (stack.status == "DELETE_IN_PROGRESS") {
    stack.Become("DELETE_COMPLETE", "", now);
    stack.deleted = now;
  }
}

// Nothing was stored: no resource of the change is there, so none is to be deleted.
void Refuse(Stack& stack, const std::string& logical_id, const std::string& why, const std::string& now) {
  const bool creating = stack.status == "CREATE_IN_PROGRESS";
  const bool rolling_back = stack.status == "UPDATE_ROLLBACK_IN_PROGRESS";
  stack.applied = true;
  for (StackResource& resource : stack.resources) {
    if (!resource.status.ends_with("_IN_PROGRESS") || resource.status == "DELETE_IN_PROGRESS") continue;
    const bool guilty = logical_id.empty() || resource.logical_id == logical_id;
    stack.Become(resource, VerbOf(resource) + "_FAILED", guilty ? why : kCancelled, now);
  }
  const std::string reason = FailedReason(stack);
  if (rolling_back) {
    stack.former.reset();
    return stack.Become("UPDATE_ROLLBACK_FAILED", reason, now);
  }
  if (creating && (stack.disable_rollback || stack.on_failure == "DO_NOTHING")) return stack.Become("CREATE_FAILED", reason, now);
  if (creating && stack.on_failure == "DELETE") {
    stack.Become("DELETE_IN_PROGRESS", reason + "Delete requested by user.", now);
  } else if (creating) {
    stack.Become("ROLLBACK_IN_PROGRESS", reason + "Rollback requested by user.", now);
  } else {
    stack.Become("UPDATE_ROLLBACK_IN_PROGRESS", reason, now);
    if (stack.former) stack.content = *stack.former;
  }
  for (StackResource& resource : stack.resources) {
    if (resource.status == "CREATE_FAILED") stack.Become(resource, "DELETE_COMPLETE", "", now);
    if (resource.status == "UPDATE_FAILED") stack.Become(resource, "UPDATE_COMPLETE", "", now);
  }
  if (!creating) DropDeleted(stack);
  Advance(stack, {}, now);
}

}  // namespace smhost::cloudformation
