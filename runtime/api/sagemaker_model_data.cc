#include "api/sagemaker_model_data.h"

#include "base/text.h"
#include "resources/defaults.h"
#include "resources/fault.h"
#include "state/objects.h"

namespace smhost::sagemaker {
namespace {

ApiError NoAccess(const std::string& url, const std::string& why) {
  return {"ValidationException", "Could not access model data at " + url + ". " + why, 400, {}};
}

std::optional<ApiError> RefuseMissingObject(const SagemakerRequest& request, const std::string& url) {
  auto address = ParseObjectAddress(url);
  if (!address) return NoAccess(url, address.error().message);
  auto object = ObjectStore(request.context.home).Open(*address);
  if (object) return std::nullopt;
  if (object.error().code != Code::kNotFound) return NoAccess(url, object.error().message);
  return NoAccess(url, "There is no such object: put it there (PutObject, or `smhost cp FILE " + url + "`) and try again.");
}

}  // namespace

std::optional<ApiError> RefuseMissingModelData(const SagemakerRequest& request, const Json& model_properties) {
  static constexpr std::string_view kFile = "file://", kObject = "s3://";
  const std::string url = ViewModel(model_properties).data_url;
  if (url.starts_with(kObject) && !request.other_s3) return RefuseMissingObject(request, url);
  if (url.starts_with(kFile) && !request.context.files.Exists(PercentDecoded(url.substr(kFile.size())).value_or("")))
    return NoAccess(url, "There is no such file on this machine.");
  return std::nullopt;
}

}  // namespace smhost::sagemaker
