// Stacks and the resources they stand for: reads a stack, lets it go on as far as its resources have come, and makes true what
// it then wants. The service's operations call it on their own threads, each with an object of its own; changes of an
// account's stacks happen one after the other, under the lock of state/stacks.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/cloudformation_progress.h"
#include "api/cloudformation_stack.h"
#include "api/service.h"
#include "state/stacks.h"

namespace smhost::cloudformation {

class StackWork {
 public:
  StackWork(ApiContext& context, std::string account) : context_(context), account_(std::move(account)), stacks_(context.files, context.home) {}

  ApiResult<std::unique_ptr<HeldLock>> Lock();
  // All stacks that are there, brought up to date; with the lock held.
  ApiResult<std::vector<Stack>> All();
  std::vector<Stack> Gone();
  // By name, or by id (of one that is gone too), brought up to date; with the lock held. ValidationError "Stack with id X does
  // not exist".
  ApiResult<Stack> Find(const std::string& name_or_id);

  // The stack's content becomes `content`: with statuses of a creation or an update, and its documents applied.
  ApiResult<Stack> Create(Stack stack, StackContent content);
  ApiResult<Stack> Update(Stack stack, StackContent content);
  ApiResult<Stack> Delete(Stack stack);
  ApiResult<Stack> Keep(Stack stack);  // writes it, as it is

  std::string Now() const { return FormatIso8601(context_.clock.Wall()); }
  std::string NewId(const std::string& name) const;
  std::string Ref(Kind kind, const std::string& name) const;

 private:
  ApiResult<Stack> GoOn(Stack stack);
  Seen Look(const StackResource& resource);
  std::map<std::string, Seen> LookAtAll(const Stack& stack);
  // Applies the documents of the change under way.
  ApiResult<Stack> ApplyDocuments(Stack stack);
  void DeleteMarked(Stack& stack);
  bool IsOurs(const StackResource& resource, const Resource& stored) const;
  void MarkUpdates(Stack& stack, const Json& before);

  ApiContext& context_;
  const std::string account_;
  Stacks stacks_;
};

}  // namespace smhost::cloudformation
