#include "api/sagemaker_describe.h"

#include "api/endpoint_state.h"
#include "api/sagemaker_descriptions.h"
#include "api/store_error.h"
#include "base/clock.h"

namespace smhost::sagemaker {
namespace {

ApiResult<Json> DescribeStored(const SagemakerRequest& request, Kind kind) {
  SMHOST_API_TRY(const Resource resource, FindNamed(request, kind));
  Json described = DescribeJson(resource);
  SetSeconds(described, "CreationTime");
  return described;
}

// What AWS's answer does not have.
void DropOurs(Json& described) {
  described.erase("Smhost");
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"})
    if (described.contains(list) && described[list].is_array())
      for (Json& variant : described[list])
        if (variant.is_object()) variant.erase("Smhost");
}

}  // namespace

void SetSeconds(Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string()) return;
  const auto time = ParseIso8601(found->get<std::string>()).time_since_epoch();
  *found = static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) / 1000;
}

ApiResult<Json> DescribeModel(const SagemakerRequest& request) { return DescribeStored(request, Kind::kModel); }

ApiResult<Json> DescribeEndpointConfig(const SagemakerRequest& request) { return DescribeStored(request, Kind::kEndpointConfig); }

ApiResult<Json> DescribeEndpoint(const SagemakerRequest& request) {
  SMHOST_API_TRY(const std::string name, EndpointSpellingOf(request, StringOr(request.input, "EndpointName")));
  SMHOST_API_TRY(const EndpointState state, ReadEndpointState(request.store(), request.account(), name, true));
  auto config = request.store().Get(request.account(), Kind::kEndpointConfig, StringOr(state.describe, "EndpointConfigName"));
  Json described = DescribeJson(state, config ? std::optional<Resource>(*config) : std::nullopt);
  DropOurs(described);
  SetSeconds(described, "CreationTime");
  SetSeconds(described, "LastModifiedTime");
  if (const auto pending = described.find("PendingDeploymentSummary"); pending != described.end() && pending->is_object()) {
    SetSeconds(*pending, "StartTime");
    DropOurs(*pending);
  }
  return described;
}

}  // namespace smhost::sagemaker
