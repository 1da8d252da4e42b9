#include "controller/routing.h"

#include "planning/rollout.h"

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

}  // namespace smhost
