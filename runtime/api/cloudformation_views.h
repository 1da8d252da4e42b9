// Stacks as CloudFormation's operations show them. Pure; any thread.
#pragma once

#include "api/cloudformation_stack.h"

namespace smhost::cloudformation {

Json ShowStack(const Stack& stack);           // Stack
Json ShowStackSummary(const Stack& stack);    // StackSummary
Json ShowEvents(const Stack& stack);          // [StackEvent], newest first
enum class ResourceForm { kSummary, kResource, kDetail };  // StackResourceSummary, StackResource, StackResourceDetail
Json ShowResource(const Stack& stack, const StackResource& resource, ResourceForm form);
Json ShowChangeSet(const Stack& stack, const ChangeSet& set);         // the output of DescribeChangeSet
Json ShowChangeSetSummary(const Stack& stack, const ChangeSet& set);  // ChangeSetSummary

// [Change]: what applying `to` would do to the stack.
Json ShowChanges(const Stack& stack, const StackContent& to);

}  // namespace smhost::cloudformation
