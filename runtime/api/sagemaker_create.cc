#include "api/sagemaker_create.h"

#include <algorithm>

#include "api/sagemaker_faults.h"
#include "api/sagemaker_model_data.h"
#include "api/store_error.h"
#include "base/limits_api.h"

namespace smhost::sagemaker {
namespace {

Document DocumentOf(const SagemakerRequest& request, Kind kind) {
  return {kind, StringOr(request.input, InfoOf(kind).name_property), request.input};
}

tl::unexpected<ApiError> AlreadyThere(const SagemakerRequest& request, Kind kind) {
  return ApiFail("ValidationException", std::string("Cannot create already existing ") + InfoOf(kind).prose + " \"" +
                                            ArnOfNamed(request, kind) + "\".");
}

bool IsAmong(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) { return SameName(one, name); });
}

// An endpoint that is on its way out still has its name.
ApiResult<bool> IsThere(const SagemakerRequest& request, const Document& document) {
  SMHOST_API_TRY(auto names, request.store().Names(request.account(), document.kind));
  if (IsAmong(names, document.name)) return true;
  if (names.size() >= limits::kApiResourcesPerKind) return ApiFail(ResourceLimitExceeded(document.kind, names.size()));
  if (document.kind != Kind::kEndpoint) return false;
  SMHOST_API_TRY(auto leaving, request.store().StatusNames(request.account(), document.kind));
  return IsAmong(leaving, document.name);
}

// A document names others as they are spelled.
Status Respell(const SagemakerRequest& request, Kind kind, Json& properties) {
  const char* member = InfoOf(kind).name_property;
  const std::string name = StringOr(properties, member);
  if (name.empty()) return {};
  SMHOST_TRY(properties[member], SpellingOf(request, kind, name));
  return {};
}

ApiResult<Json> StoreNew(const SagemakerRequest& request, const Document& document) {
  ApplyOptions options;
  options.expected_generations = {{{document.kind, document.name}, 0}};
  auto outcomes = request.store().Apply(request.account(), {document}, options);
  if (outcomes) return Json{{InfoOf(document.kind).arn_property, outcomes->front().resource.arn}};
  // Somebody else's Create came first, perhaps in another spelling.
  if (outcomes.error().code == Code::kConflict && !outcomes.error().resource.empty()) return AlreadyThere(request, document.kind);
  return ApiFail(outcomes.error());
}

}  // namespace

ApiResult<Json> CreateModel(const SagemakerRequest& request) {
  const Document document = DocumentOf(request, Kind::kModel);
  if (auto error = RefuseFaults(document)) return ApiFail(*error);
  SMHOST_API_TRY(const bool there, IsThere(request, document));
  if (there) return AlreadyThere(request, document.kind);
  if (auto error = RefuseMissingModelData(request, document.properties)) return ApiFail(*error);
  return StoreNew(request, document);
}

ApiResult<Json> CreateEndpointConfig(const SagemakerRequest& request) {
  Document document = DocumentOf(request, Kind::kEndpointConfig);
  if (auto error = RefuseFaults(document)) return ApiFail(*error);
  SMHOST_API_TRY(const bool there, IsThere(request, document));
  if (there) return AlreadyThere(request, document.kind);
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"})
    if (document.properties.contains(list))
      for (Json& variant : document.properties[list]) SMHOST_API_TRY_STATUS(Respell(request, Kind::kModel, variant));
  return StoreNew(request, document);
}

ApiResult<Json> CreateEndpoint(const SagemakerRequest& request) {
  Document document = DocumentOf(request, Kind::kEndpoint);
  if (auto error = RefuseFaults(document)) return ApiFail(*error);
  SMHOST_API_TRY(const bool there, IsThere(request, document));
  if (there) return AlreadyThere(request, document.kind);
  SMHOST_API_TRY_STATUS(Respell(request, Kind::kEndpointConfig, document.properties));
  return StoreNew(request, document);
}

}  // namespace smhost::sagemaker
