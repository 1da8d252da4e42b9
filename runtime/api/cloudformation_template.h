// From what a caller gives for a stack to its documents: the template is read (JSON or YAML, from the request or the object
// store), its parameters are checked and its functions done. Pure but for the object store; any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/api_error.h"
#include "api/cloudformation_stack.h"
#include "state/home.h"

namespace smhost::cloudformation {

// The TemplateBody of a request, or what its TemplateURL names in the object store of this machine: s3://bucket/key, or an
// address whose path is /bucket/key or whose host begins with the bucket.
ApiResult<std::string> TemplateBodyOf(const Json& request, const Home& home);

// Parameters of a request: those with UsePreviousValue get the value that `previous` has.
ApiResult<Json> ParametersOf(const Json& request, const Json& previous);

struct ExpandOptions {
  std::string account, region, stack_name, stack_id;
  // The name of a resource that does not say one.
  std::function<std::string(const std::string& logical_id)> name_of;
};

// ValidationError where the template or its parameters break a rule, this build's rules among them.
ApiResult<StackContent> Expand(const StackInput& input, const ExpandOptions& options);

// What ValidateTemplate and GetTemplateSummary tell. `full`: the latter's members.
ApiResult<Json> Summarize(const std::string& body, bool full);

// Outputs and parameters as a client may see them: parameters with NoEcho are "****".
Json ShownParameters(const StackInput& input);

// "Stack-Logical-A1B2C3D4E5F6", cut so that it is a name.
std::string MadeName(const std::string& stack_name, const std::string& logical_id);

Document DocumentFrom(const Json& json);

}  // namespace smhost::cloudformation
