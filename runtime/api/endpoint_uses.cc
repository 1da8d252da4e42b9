#include "api/endpoint_uses.h"

#include <algorithm>

#include "resources/defaults.h"

namespace smhost {

Result<std::vector<std::string>> EndpointsReached(Store& store, const std::string& account,
                                                  const std::set<std::pair<Kind, std::string>>& changed) {
  auto uses_changed_model = [&](const std::string& config_name) {
    auto config = store.Get(account, Kind::kEndpointConfig, config_name);
    if (!config) return false;
    auto variants = ViewVariants(config->properties);
    return std::any_of(variants.begin(), variants.end(), [&](const VariantView& variant) {
      return changed.count({Kind::kModel, variant.model_name}) != 0;
    });
  };
  SMHOST_TRY(Listing listing, store.List(account, Kind::kEndpoint));
  std::vector<std::string> names;
  for (const Resource& endpoint : listing.resources) {
    std::string config = StringOr(endpoint.properties, "EndpointConfigName");
    if (changed.count({Kind::kEndpoint, endpoint.name}) != 0 || changed.count({Kind::kEndpointConfig, config}) != 0 ||
        uses_changed_model(config))
      names.push_back(endpoint.name);
  }
  return names;
}

}  // namespace smhost
