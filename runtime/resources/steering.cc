#include "resources/steering.h"

namespace smhost {
namespace {

Restore ReadRestore(const Json& json) {
  Restore restore{StringOr(json, "Id"), {}};
  for (const auto& [url, digest] : MemberOr(json, "Digests").items())
    if (digest.is_string()) restore.digests[url] = digest.get<std::string>();
  return restore;
}

}  // namespace

Steering ReadSteering(const Json& json) {
  Steering steering;
  steering.config_uid = StringOr(json, "ConfigUid");
  steering.config_generation = static_cast<std::uint64_t>(IntOr(json, "ConfigGeneration"));
  steering.abort = StringOr(json, "AbortDeployment");
  steering.restore = ReadRestore(MemberOr(json, "Restore"));
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
  if (!steering.restore.id.empty()) json["Restore"] = {{"Id", steering.restore.id}, {"Digests", steering.restore.digests}};
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
