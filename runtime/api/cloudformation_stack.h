// A stack as it is kept: what was asked for, what became of it, and how it is written into its document. Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "resources/kind.h"

namespace smhost::cloudformation {

// What a caller gives for a stack.
struct StackInput {
  std::string body;                       // of the template
  Json parameters = Json::array();        // [{ParameterKey, ParameterValue}]
  Json tags = Json::array();
  bool operator==(const StackInput&) const = default;
};

struct StackResource {
  std::string logical_id;
  Kind kind = Kind::kModel;
  std::string name;
  std::string physical_id;       // what Ref gives
  std::string uid;               // of the stored resource; empty: not known to be made yet
  std::string status, reason;    // "CREATE_IN_PROGRESS"
  std::string time;              // of that status
};

struct StackEvent {
  std::string id, logical_id, physical_id, type, status, reason, time;
};

struct ChangeSet {
  std::string name, id, type;  // type: CREATE, UPDATE
  std::string description, created;
  StackInput input;
  std::string status, reason, execution;  // CREATE_COMPLETE, FAILED; AVAILABLE, UNAVAILABLE, EXECUTE_COMPLETE
  Json changes = Json::array();
};

// All that a change of a stack may have to go back to.
struct StackContent {
  StackInput input;
  std::string description;
  Json outputs = Json::array();    // [{OutputKey, OutputValue, Description}]
  Json documents = Json::array();  // [{LogicalId, Type, Name, Properties}], those that others refer to first
};

struct Stack {
  std::string name, id;  // the id is an ARN
  std::string status, reason;
  std::string created, updated, deleted;  // empty: never
  std::string on_failure = "ROLLBACK";    // of its creation: ROLLBACK, DELETE, DO_NOTHING
  bool disable_rollback = false;          // of the change under way
  bool protected_from_deletion = false;
  bool applied = true;                    // the documents of the change under way are stored
  StackContent content;
  std::optional<StackContent> former;     // while an update may still be rolled back
  std::vector<StackResource> resources;   // in the order of documents; those being deleted too
  std::vector<StackEvent> events;         // oldest first
  std::vector<ChangeSet> change_sets;

  // The newest of this logical id: one whose name was changed stands beside it until it is deleted.
  StackResource* Find(const std::string& logical_id);
  const StackResource* Find(const std::string& logical_id) const { return const_cast<Stack*>(this)->Find(logical_id); }
  // Something is under way.
  bool InProgress() const { return status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS"; }

  // Sets status and reason, and notes an event; nothing where they are that already.
  void Become(const std::string& new_status, const std::string& why, const std::string& now);
  void Become(StackResource& resource, const std::string& new_status, const std::string& why, const std::string& now);
};

Json StackToJson(const Stack& stack);
// kCorrupt where a member that must be there is not.
Result<Stack> StackFromJson(const Json& json);

// The last part of a stack's or a change set's ARN.
std::string LastPartOf(const std::string& arn);

}  // namespace smhost::cloudformation
