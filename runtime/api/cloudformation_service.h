// CloudFormation: a stack is a template that is applied as one, with a status that tells how far its endpoints have come and
// that goes back where they fail. The operations, on JSON; see service.h. One object a thread.
//
// A stack goes on when somebody looks: each operation that reads stacks brings them up to date first (cloudformation_work.h).
// A changed model or configuration keeps its name, as with `smhost apply`, where AWS makes another one.
#pragma once

#include "api/cloudformation_work.h"
#include "api/service.h"

namespace smhost {

class CloudformationService final : public ApiService {
 public:
  explicit CloudformationService(ApiContext& context) : context_(context) {}

  ApiResult<Json> Call(const std::string& operation, const Json& input, const Caller& caller, const std::string& request_id) override;

 private:
  struct Request {
    const Json& input;
    const Caller& caller;
    cloudformation::StackWork& work;
  };
  using Operation = ApiResult<Json> (CloudformationService::*)(const Request&);

  ApiResult<Json> CreateStack(const Request& request);
  ApiResult<Json> UpdateStack(const Request& request);
  ApiResult<Json> DeleteStack(const Request& request);
  ApiResult<Json> DescribeStacks(const Request& request);
  ApiResult<Json> ListStacks(const Request& request);
  ApiResult<Json> DescribeStackEvents(const Request& request);
  ApiResult<Json> ListStackResources(const Request& request);
  ApiResult<Json> DescribeStackResources(const Request& request);
  ApiResult<Json> DescribeStackResource(const Request& request);
  ApiResult<Json> ValidateTemplate(const Request& request);
  ApiResult<Json> GetTemplate(const Request& request);
  ApiResult<Json> GetTemplateSummary(const Request& request);
  ApiResult<Json> UpdateTerminationProtection(const Request& request);

  // --- cloudformation_change_sets.cc
  ApiResult<Json> CreateChangeSet(const Request& request);
  ApiResult<Json> DescribeChangeSet(const Request& request);
  ApiResult<Json> ExecuteChangeSet(const Request& request);
  ApiResult<Json> DeleteChangeSet(const Request& request);
  ApiResult<Json> ListChangeSets(const Request& request);
  struct FoundChangeSet {
    cloudformation::Stack stack;
    std::size_t index = 0;
  };
  ApiResult<FoundChangeSet> FindChangeSet(const Request& request);

  // What a request gives for a stack, what is left out being taken from `stack` (of an update).
  ApiResult<cloudformation::StackInput> InputOf(const Request& request, const cloudformation::Stack* stack);
  ApiResult<cloudformation::StackContent> Expand(const Request& request, const cloudformation::Stack& stack, const cloudformation::StackInput& input);
  // May the caller do to each resource what the stack does for it?
  std::optional<ApiError> MayChange(const Request& request, const Json& documents, bool deleting);

  ApiContext& context_;
};

namespace cloudformation {

// Would nothing of the stack be another?
bool IsSame(const StackContent& a, const StackContent& b);
// ValidationError for what a request asks for and this build does not do.
std::optional<ApiError> RefuseUnbuilt(const Json& request);
// ValidationError where the stack's status does not allow it to be changed.
std::optional<ApiError> CheckUpdatable(const Stack& stack);

}  // namespace cloudformation

}  // namespace smhost
