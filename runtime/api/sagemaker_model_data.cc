#include "api/sagemaker_model_data.h"

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

std::string PercentDecoded(const std::string& text) {
  const auto digit = [](char c) {
    const char lower = static_cast<char>(c | 32);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    decoded += coded ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return decoded;
}

}  // namespace

std::optional<ApiError> RefuseMissingModelData(const SagemakerRequest& request, const Json& model_properties) {
  static constexpr std::string_view kFile = "file://", kObject = "s3://";
  const std::string url = ViewModel(model_properties).data_url;
  if (url.starts_with(kObject) && !request.other_s3) return RefuseMissingObject(request, url);
  if (url.starts_with(kFile) && !request.context.files.Exists(PercentDecoded(url.substr(kFile.size()))))
    return NoAccess(url, "There is no such file on this machine.");
  return std::nullopt;
}

}  // namespace smhost::sagemaker
