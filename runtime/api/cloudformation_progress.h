// How a stack goes on, given what its resources are now: the statuses of CloudFormation, rollbacks among them. Pure; any
// thread. Nobody waits for a stack: each call that reads it asks here first, so a status comes with the reading.
#pragma once

#include <map>
#include <string>

#include "api/cloudformation_stack.h"

namespace smhost::cloudformation {

// A resource of the stack as it is now.
struct Seen {
  bool exists = false;   // a document, or what is left of it
  bool settled = false;  // it is what the document wants, or has failed
  bool failed = false;   // with `reason`
  bool down = false;     // it serves nothing: a rollback that ends so has failed too
  std::string reason;
};

// By "endpoint/vad" (state/naming.h); one that is missing does not exist. Changes statuses and notes events. A resource that becomes
// DELETE_IN_PROGRESS is to be deleted by the caller, and where the stack becomes UPDATE_ROLLBACK_IN_PROGRESS its former
// documents are to be applied (`applied` is false then).
void Advance(Stack& stack, const std::map<std::string, Seen>& seen, const std::string& now);

// The documents of the change under way were refused, all of them: `logical_id` (empty: none in particular) for `why`.
void Refuse(Stack& stack, const std::string& logical_id, const std::string& why, const std::string& now);

// All resources are to go; the stack itself has the status that says why.
void BeginDeletion(Stack& stack, const std::string& now);

}  // namespace smhost::cloudformation
