#include "resources/public_route.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/text.h"
#include "resources/validate.h"

namespace smhost {
namespace {

constexpr double kPerSecond = 10'000;  // of API Gateway, as the next
constexpr int kBurst = 5'000;
constexpr std::uint64_t kBodyBytes = 6'291'456;  // InvokeEndpoint's

const std::string kPath = "Properties.";

std::string DefaultPath(const std::string& name) { return "/public/" + name; }

std::vector<std::string> Texts(const Json& list, bool lower_case) {
  std::vector<std::string> texts;
  for (const Json& item : list)
    if (item.is_string()) texts.push_back(lower_case ? LowerCase(item.get<std::string>()) : item.get<std::string>());
  return texts;
}

// Paths on which the runtime answers other requests.
bool IsTaken(const std::string& path) {
  for (const std::string root : {"/endpoints", "/ping", "/metrics", "/service"})
    if (path == root || path.starts_with(root + "/")) return true;
  return false;
}

bool HasDots(const std::string& path) {
  return (path + "/").find("/./") != std::string::npos || (path + "/").find("/../") != std::string::npos;
}

void CheckPath(const Json& path, std::vector<Fault>& faults) {
  if (!path.is_string()) return;
  const std::string& text = path.get_ref<const std::string&>();
  if (IsTaken(text))
    faults.push_back({kPath + "Path", ShortValue(path), "must not be /endpoints, /ping, /metrics, /service or below them: the runtime answers there", {}});
  if (HasDots(text)) faults.push_back({kPath + "Path", ShortValue(path), "must not have . or .. between slashes", {}});
}

void CheckKeys(const Json& properties, std::vector<Fault>& faults) {
  const Json& keys = MemberOr(properties, "ApiKeys");
  const bool open = StringOr(properties, "Access") == "None";
  if (open && !keys.is_null()) faults.push_back({kPath + "ApiKeys", {}, "must not stand beside Access \"None\"", {}});
  if (!open && keys.is_null()) faults.push_back({kPath + "ApiKeys", {}, "is required unless Access is \"None\"", {}});
  std::set<std::string> seen;
  for (std::size_t i = 0; keys.is_array() && i < keys.size(); ++i) {
    const std::string name = StringOr(keys[i], "Name");
    if (!name.empty() && !seen.insert(name).second)
      faults.push_back({kPath + "ApiKeys[" + std::to_string(i) + "].Name", ShortValue(name), "stands in two keys", {}});
  }
}

}  // namespace

void CheckPublicRouteRules(const Json& properties, std::vector<Fault>& faults) {
  CheckPath(MemberOr(properties, "Path"), faults);
  CheckKeys(properties, faults);
}

PublicRouteView ViewPublicRoute(const std::string& name, const Json& properties) {
  PublicRouteView view;
  view.path = StringOr(properties, "Path", DefaultPath(name));
  view.endpoint = StringOr(properties, "EndpointName");
  view.variant = StringOr(properties, "TargetVariant");
  view.open = StringOr(properties, "Access") == "None";
  for (const Json& key : MemberOr(properties, "ApiKeys")) view.key_digests.push_back(StringOr(key, "Sha256"));
  view.per_second = DoubleOr(properties, "RequestsPerSecond", kPerSecond);
  view.burst = static_cast<int>(IntOr(properties, "Burst", std::clamp(static_cast<int>(std::ceil(view.per_second)), 1, kBurst)));
  view.origins = Texts(MemberOr(properties, "CorsOrigins"), false);
  view.content_types = Texts(MemberOr(properties, "AllowedContentTypes"), true);
  view.most_body_bytes = static_cast<std::uint64_t>(IntOr(properties, "MaxBodyBytes", static_cast<std::int64_t>(kBodyBytes)));
  return view;
}

std::map<std::string, const OwnedRoute*> ServingRoutes(const std::vector<OwnedRoute>& routes) {
  const auto rank = [](const OwnedRoute& route) { return std::tie(route.resource.creation_time, route.account, route.resource.name); };
  std::map<std::string, const OwnedRoute*> serving;
  for (const OwnedRoute& route : routes) {
    const OwnedRoute*& place = serving[ViewPublicRoute(route.resource.name, route.resource.properties).path];
    if (place == nullptr || rank(route) < rank(*place)) place = &route;
  }
  return serving;
}

}  // namespace smhost
