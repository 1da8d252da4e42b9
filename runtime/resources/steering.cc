#include "resources/steering.h"

namespace smhost {

Steering ReadSteering(const Json& json) {
  Steering steering;
  steering.config_uid = StringOr(json, "ConfigUid");
  steering.config_generation = static_cast<std::uint64_t>(IntOr(json, "ConfigGeneration"));
  steering.abort = StringOr(json, "AbortDeployment");
  for (const auto& [name, size] : MemberOr(json, "Sizes").items()) {
    SizeOverride& override = steering.sizes[name];
    if (size.contains("DesiredWeight")) override.weight = DoubleOr(size, "DesiredWeight");
    if (size.contains("DesiredInstanceCount")) override.count = static_cast<int>(IntOr(size, "DesiredInstanceCount"));
  }
  return steering;
}

Json SteeringToJson(const Steering& steering) {
  Json json = Json::object();
  if (!steering.abort.empty()) json["AbortDeployment"] = steering.abort;
  if (steering.sizes.empty()) return json;
  json["ConfigUid"] = steering.config_uid;
  json["ConfigGeneration"] = steering.config_generation;
  Json sizes = Json::object();
  for (const auto& [name, override] : steering.sizes) {
    Json size = Json::object();
    if (override.weight) size["DesiredWeight"] = *override.weight;
    if (override.count) size["DesiredInstanceCount"] = *override.count;
    sizes[name] = std::move(size);
  }
  json["Sizes"] = std::move(sizes);
  return json;
}

}  // namespace smhost
