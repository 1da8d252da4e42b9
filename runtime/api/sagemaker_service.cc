#include "api/sagemaker_service.h"

#include <algorithm>
#include <iterator>

#include "api/policy.h"
#include "api/sagemaker_changes.h"
#include "api/sagemaker_create.h"
#include "api/sagemaker_describe.h"
#include "api/sagemaker_lists.h"
#include "api/sagemaker_tags.h"
#include "api/store_error.h"

namespace smhost {
namespace {

using sagemaker::SagemakerRequest;

template <Kind kind>
std::string Named(const SagemakerRequest& request) {
  return sagemaker::ArnOfNamed(request, kind);
}
std::string Tagged(const SagemakerRequest& request) { return StringOr(request.input, "ResourceArn"); }
std::string All(const SagemakerRequest&) { return "*"; }

struct Operation {
  const char* name;
  std::string (*resource)(const SagemakerRequest&);  // what its policy speaks of
  ApiResult<Json> (*run)(const SagemakerRequest&);
};

constexpr Operation kOperations[] = {
    {"CreateModel", Named<Kind::kModel>, sagemaker::CreateModel},
    {"DescribeModel", Named<Kind::kModel>, sagemaker::DescribeModel},
    {"DeleteModel", Named<Kind::kModel>, sagemaker::DeleteModel},
    {"ListModels", All, sagemaker::ListModels},
    {"CreateEndpointConfig", Named<Kind::kEndpointConfig>, sagemaker::CreateEndpointConfig},
    {"DescribeEndpointConfig", Named<Kind::kEndpointConfig>, sagemaker::DescribeEndpointConfig},
    {"DeleteEndpointConfig", Named<Kind::kEndpointConfig>, sagemaker::DeleteEndpointConfig},
    {"ListEndpointConfigs", All, sagemaker::ListEndpointConfigs},
    {"CreateEndpoint", Named<Kind::kEndpoint>, sagemaker::CreateEndpoint},
    {"DescribeEndpoint", Named<Kind::kEndpoint>, sagemaker::DescribeEndpoint},
    {"UpdateEndpoint", Named<Kind::kEndpoint>, sagemaker::UpdateEndpoint},
    {"UpdateEndpointWeightsAndCapacities", Named<Kind::kEndpoint>, sagemaker::UpdateEndpointWeightsAndCapacities},
    {"DeleteEndpoint", Named<Kind::kEndpoint>, sagemaker::DeleteEndpoint},
    {"ListEndpoints", All, sagemaker::ListEndpoints},
    {"AddTags", Tagged, sagemaker::AddTags},
    {"ListTags", Tagged, sagemaker::ListTags},
    {"DeleteTags", Tagged, sagemaker::DeleteTags},
};

}  // namespace

ApiResult<Json> SagemakerService::Call(const std::string& operation, const Json& input, const Caller& caller,
                                       const std::string&) {
  const auto row = std::find_if(std::begin(kOperations), std::end(kOperations),
                                [&](const Operation& one) { return operation == one.name; });
  if (row == std::end(kOperations))
    return ApiFail("UnknownOperationException", "smhost does not have the operation " + operation + " of SageMaker.");
  const SagemakerRequest request{context_, input, caller, other_s3_};
  if (auto denied = Authorize(caller, std::string("sagemaker:") + row->name, row->resource(request))) return ApiFail(*denied);
  return row->run(request);
}

}  // namespace smhost
