#include "controller/routing.h"

#include "planning/rollout.h"
#include "resources/public_route.h"

namespace smhost {
namespace {

bool MayReplay(const VariantSpec& variant) {
  auto it = variant.environment.find("SMHOST_REPLAY");
  return it == variant.environment.end() || it->second != "false";
}

}  // namespace

RouteEndpoint RouteOf(const EndpointKey& key, const std::string& status, const Journal& journal,
                      const std::vector<ObservedInstance>& instances, MonotonicTime now) {
  RouteEndpoint route{key.account, key.name, status, false, {}};
  // What serves, serves, whatever word describes it meanwhile.
  if (journal.serving && status == "Creating") route.status = "InService";
  route.deploying = journal.rollout && journal.rollout->step > 0;
  for (const TrafficEntry& entry : TrafficOf(journal, now)) {
    RouteVariant to;
    to.name = entry.variant->name;
    to.fleet = entry.fleet->id;
    to.config = entry.fleet->config_name;
    to.weight = entry.weight;
    to.share = entry.share;
    to.digest = entry.variant->digest;
    to.replay = MayReplay(*entry.variant);
    to.shadow = entry.variant->shadow;
    to.sampling = entry.sampling;
    for (int index = 0; index < entry.routed; ++index) {
      const ObservedInstance* holder = HolderOf({to.fleet, to.name, index}, instances);
      if (holder != nullptr && holder->state == InstanceState::kReady) to.instances.push_back({holder->id});
    }
    route.variants.push_back(std::move(to));
  }
  return route;
}

std::vector<PublicRoute> PublicRoutesOf(const std::map<std::string, std::map<std::string, Resource>>& found) {
  std::vector<OwnedRoute> all;
  for (const auto& [account, routes] : found)
    for (const auto& [name, resource] : routes) all.push_back({account, resource});
  std::vector<PublicRoute> made;
  for (const auto& [path, owned] : ServingRoutes(all)) {
    PublicRouteView view = ViewPublicRoute(owned->resource.name, owned->resource.properties);
    made.push_back({owned->account, owned->resource.name, path, view.endpoint, view.variant, view.open, view.key_digests, view.per_second,
                    view.burst, view.origins, view.content_types, view.most_body_bytes});
  }
  return made;
}

}  // namespace smhost
