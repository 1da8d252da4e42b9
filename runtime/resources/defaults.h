// What a valid document means where it is silent: the view of a model and of a production variant that the rest of the
// runtime works with. Any thread; pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace smhost {

// The built-in LibTorch worker: names that contain "pytorch-inference", and smhost/torch with any tag.
bool IsBuiltInImage(const std::string& image);

struct ModelView {
  std::string image;
  std::string data_url;  // of the model.tar.gz: ModelDataUrl, or the S3DataSource that means the same
  std::map<std::string, std::string> environment;
};
ModelView ViewModel(const Json& properties);

struct VariantView {
  std::string name, model_name, instance_type;
  int instance_count = 1;
  double weight = 1.0;
  std::uint64_t volume_bytes = 0;
  std::chrono::seconds download_timeout{0};  // 3600 where the document does not say
  bool shadow = false;                       // of ShadowProductionVariants
  std::chrono::seconds startup_timeout{0};   // limits::kStartupTimeout where the document does not say
};
// The production variants, then the shadow variants.
std::vector<VariantView> ViewVariants(const Json& endpoint_config_properties);

}  // namespace smhost
