#include "api/sagemaker_request.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "resources/arn.h"
#include "resources/name.h"

namespace smhost::sagemaker {
namespace {

std::optional<std::string> Among(const std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  auto same = std::find_if(names.begin(), names.end(), [&](const std::string& one) { return SameName(one, name); });
  return same == names.end() ? std::nullopt : std::optional<std::string>(*same);
}

}  // namespace

std::string ArnOf(const SagemakerRequest& request, Kind kind, const std::string& name) {
  return MakeArn(kind, request.context.region, request.account(), name);
}

std::string NotFoundText(const SagemakerRequest& request, Kind kind, const std::string& name) {
  return std::string("Could not find ") + InfoOf(kind).prose + " \"" + ArnOf(request, kind, name) + "\".";
}

std::string ArnOfNamed(const SagemakerRequest& request, Kind kind) {
  return ArnOf(request, kind, StringOr(request.input, InfoOf(kind).name_property));
}

bool SameName(const std::string& one, const std::string& other) {
  return LowerCase(one) == LowerCase(other);
}

Result<std::string> SpellingOf(const SagemakerRequest& request, Kind kind, const std::string& name) {
  SMHOST_TRY_STATUS(ValidateName(kind, name));
  SMHOST_TRY(auto names, request.store().Names(request.account(), kind));
  return Among(names, name).value_or(name);
}

Result<std::string> EndpointSpellingOf(const SagemakerRequest& request, const std::string& name) {
  SMHOST_TRY_STATUS(ValidateName(Kind::kEndpoint, name));
  SMHOST_TRY(auto names, request.store().Names(request.account(), Kind::kEndpoint));
  if (auto spelling = Among(names, name)) return *spelling;
  SMHOST_TRY(auto leaving, request.store().StatusNames(request.account(), Kind::kEndpoint));
  return Among(leaving, name).value_or(name);
}

Result<Resource> FindNamed(const SagemakerRequest& request, Kind kind) {
  SMHOST_TRY(std::string name, SpellingOf(request, kind, StringOr(request.input, InfoOf(kind).name_property)));
  return request.store().Get(request.account(), kind, name);
}

}  // namespace smhost::sagemaker
