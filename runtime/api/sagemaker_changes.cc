#include "api/sagemaker_changes.h"

#include <algorithm>
#include <functional>
#include <set>

#include "api/endpoint_state.h"
#include "api/endpoint_updates.h"
#include "api/sagemaker_faults.h"
#include "api/store_error.h"
#include "base/limits.h"
#include "resources/defaults.h"

namespace smhost::sagemaker {
namespace {

// One that is on its way out has no document any more, so nothing else would tell it from one that never was.
Status RefuseBusy(const SagemakerRequest& request, const std::string& name) {
  SMHOST_TRY(const EndpointState state, ReadEndpointState(request.store(), request.account(), name, true));
  static const std::set<std::string> kBusy = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"};
  if (!kBusy.contains(state.status)) return {};
  return Fail(Code::kConflict, "Cannot update in-progress endpoint \"" + ArnOf(request, Kind::kEndpoint, name) + "\".",
              "endpoint/" + name);
}

// `act` on an endpoint that nothing is at. Where somebody else's change or deletion came in between, a second look says what it
// was: most often the endpoint is now in progress.
Result<Resource> AtRest(const SagemakerRequest& request, const std::string& name, const std::function<Result<Resource>()>& act) {
  SMHOST_TRY_STATUS(RefuseBusy(request, name));
  auto result = act();
  if (result) return result;
  const bool changed = result.error().code == Code::kConflict && !result.error().resource.empty();
  if (!changed && result.error().code != Code::kNotFound) return result;
  SMHOST_TRY_STATUS(RefuseBusy(request, name));
  return act();
}

Result<Resource> DeleteSeen(const SagemakerRequest& request, const std::string& name) {
  // Before the look at its state, so that a change after that look is noticed.
  auto seen = request.store().Get(request.account(), Kind::kEndpoint, name);
  SMHOST_TRY_STATUS(RefuseBusy(request, name));
  if (!seen) return Fail(seen.error());
  return request.store().Delete(request.account(), Kind::kEndpoint, name, seen->generation);
}

ApiResult<Json> ArnAnswer(Result<Resource> endpoint) {
  if (!endpoint) return ApiFail(endpoint.error());
  return Json{{"EndpointArn", endpoint->arn}};
}

ApiResult<Json> Deleted(Result<Resource> resource) {
  if (!resource) return ApiFail(resource.error());
  return Json();
}

ApiResult<Json> DeleteNamed(const SagemakerRequest& request, Kind kind) {
  SMHOST_API_TRY(const std::string name, SpellingOf(request, kind, StringOr(request.input, InfoOf(kind).name_property)));
  return Deleted(request.store().Delete(request.account(), kind, name));
}

// --- UpdateEndpointWeightsAndCapacities

ApiResult<std::vector<DesiredSize>> SizesOf(const Json& input) {
  std::vector<DesiredSize> sizes;
  for (const Json& one : MemberOr(input, "DesiredWeightsAndCapacities")) {
    DesiredSize size{StringOr(one, "VariantName"), std::nullopt, std::nullopt};
    if (one.contains("ServerlessUpdateConfig"))
      return ApiFail("ValidationException", "Not supported by smhost: ServerlessUpdateConfig of variant \"" + size.variant +
                                                "\": serverless variants cannot be served by this build.");
    if (one.contains("DesiredWeight")) size.weight = DoubleOr(one, "DesiredWeight");
    // Beyond the limit all counts are alike; an int must hold it.
    if (one.contains("DesiredInstanceCount"))
      size.count = static_cast<int>(std::clamp<std::int64_t>(IntOr(one, "DesiredInstanceCount"), -1, 1'000'000));
    sizes.push_back(std::move(size));
  }
  return sizes;
}

std::int64_t CountNow(const EndpointState& state, const std::string& variant) {
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"})
    for (const Json& one : MemberOr(state.describe, list))
      if (StringOr(one, "VariantName") == variant) return IntOr(one, "DesiredInstanceCount");
  return 0;
}

std::optional<ApiError> RefuseTooMany(const SagemakerRequest& request, const std::string& endpoint,
                                      const std::vector<DesiredSize>& sizes) {
  const auto large = std::find_if(sizes.begin(), sizes.end(), [](const DesiredSize& size) {
    return size.count.value_or(0) > limits::kInstancesPerVariant;
  });
  if (large == sizes.end()) return std::nullopt;
  auto state = ReadEndpointState(request.store(), request.account(), endpoint, true);
  if (!state) return ApiErrorOf(state.error());
  std::string type;
  const std::string config_name = StringOr(state->describe, "EndpointConfigName");
  auto config = request.store().Get(request.account(), Kind::kEndpointConfig, config_name);
  if (config)
    for (const VariantView& variant : ViewVariants(config->properties))
      if (variant.name == large->variant) type = variant.instance_type;
  const std::int64_t now = CountNow(*state, large->variant);
  return InstanceLimitExceeded(type, now, *large->count - now);
}

}  // namespace

ApiResult<Json> UpdateEndpoint(const SagemakerRequest& request) {
  UpdateEndpointRequest update;
  SMHOST_API_TRY(update.endpoint, EndpointSpellingOf(request, StringOr(request.input, "EndpointName")));
  SMHOST_API_TRY(update.config, SpellingOf(request, Kind::kEndpointConfig, StringOr(request.input, "EndpointConfigName")));
  update.retain_all = BoolOr(request.input, "RetainAllVariantProperties");
  for (const Json& one : MemberOr(request.input, "ExcludeRetainedVariantProperties"))
    update.exclude.push_back(StringOr(one, "VariantPropertyType"));
  update.deployment_config = MemberOr(request.input, "DeploymentConfig");
  update.retain_deployment_config = BoolOr(request.input, "RetainDeploymentConfig");
  return ArnAnswer(AtRest(request, update.endpoint, [&] { return smhost::UpdateEndpoint(request.store(), request.account(), update); }));
}

ApiResult<Json> UpdateEndpointWeightsAndCapacities(const SagemakerRequest& request) {
  SMHOST_API_TRY(const std::string name, EndpointSpellingOf(request, StringOr(request.input, "EndpointName")));
  SMHOST_API_TRY(const auto sizes, SizesOf(request.input));
  if (auto error = RefuseTooMany(request, name, sizes)) return ApiFail(*error);
  return ArnAnswer(AtRest(
      request, name, [&] { return smhost::UpdateEndpointWeightsAndCapacities(request.store(), request.account(), name, sizes); }));
}

ApiResult<Json> DeleteModel(const SagemakerRequest& request) { return DeleteNamed(request, Kind::kModel); }

ApiResult<Json> DeleteEndpointConfig(const SagemakerRequest& request) { return DeleteNamed(request, Kind::kEndpointConfig); }

ApiResult<Json> DeleteEndpoint(const SagemakerRequest& request) {
  SMHOST_API_TRY(const std::string name, EndpointSpellingOf(request, StringOr(request.input, "EndpointName")));
  return Deleted(AtRest(request, name, [&] { return DeleteSeen(request, name); }));
}

}  // namespace smhost::sagemaker
