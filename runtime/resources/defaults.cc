#include "resources/defaults.h"

#include "base/limits.h"
#include "resources/instance_type.h"

namespace smhost {
namespace {

constexpr int kLongestDownloadSeconds = 3600;  // AWS's greatest ModelDataDownloadTimeoutInSeconds

const Json& OnlyContainer(const Json& properties) {
  if (const Json& primary = MemberOr(properties, "PrimaryContainer"); !primary.is_null()) return primary;
  const Json& containers = MemberOr(properties, "Containers");
  return containers.is_array() && !containers.empty() ? containers.front() : MemberOr(properties, "PrimaryContainer");
}

VariantView ViewVariant(const Json& variant, bool shadow) {
  VariantView view;
  view.name = StringOr(variant, "VariantName");
  view.model_name = StringOr(variant, "ModelName");
  view.instance_type = StringOr(variant, "InstanceType");
  view.instance_count = static_cast<int>(IntOr(variant, "InitialInstanceCount", 1));
  view.weight = DoubleOr(variant, "InitialVariantWeight", 1.0);
  view.volume_bytes = ResolveVolumeBytes(variant);
  view.download_timeout =
      std::chrono::seconds(IntOr(variant, "ModelDataDownloadTimeoutInSeconds", kLongestDownloadSeconds));
  view.startup_timeout = std::chrono::seconds(IntOr(variant, "ContainerStartupHealthCheckTimeoutInSeconds",
                                                    std::chrono::seconds(limits::kStartupTimeout).count()));
  view.shadow = shadow;
  return view;
}

}  // namespace

bool IsBuiltInImage(const std::string& image) {
  return image.find("pytorch-inference") != std::string::npos || image == "smhost/torch" ||
         image.rfind("smhost/torch:", 0) == 0;
}

ModelView ViewModel(const Json& properties) {
  const Json& container = OnlyContainer(properties);
  ModelView view;
  view.image = StringOr(container, "Image");
  view.data_url = StringOr(container, "ModelDataUrl");
  if (view.data_url.empty())
    view.data_url = StringOr(MemberOr(MemberOr(container, "ModelDataSource"), "S3DataSource"), "S3Uri");
  for (const auto& [key, value] : MemberOr(container, "Environment").items())
    if (value.is_string()) view.environment.emplace(key, value.get<std::string>());
  return view;
}

std::vector<VariantView> ViewVariants(const Json& properties) {
  std::vector<VariantView> views;
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"})
    for (const Json& variant : MemberOr(properties, list)) views.push_back(ViewVariant(variant, list[0] == 'S'));
  return views;
}

}  // namespace smhost
