#include <algorithm>
#include <utility>

#include "gateway/dispatcher.h"
#include "gateway/dispatcher_parts.h"

namespace smhost {
namespace {

bool Serves(const std::string& status) {
  for (const char* serving : {"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
    if (status == serving) return true;
  return false;
}

using VariantPtr = std::shared_ptr<DispatcherVariant>;
using Variants = std::vector<VariantPtr>;

bool SameEntries(const Variants& some, const Variants& others) {
  return std::equal(some.begin(), some.end(), others.begin(), others.end(),
                    [](auto& one, auto& other) { return one->fleet == other->fleet && one->name == other->name; });
}

// The variant that was known, or a new one. Counters go on where another fleet's are, as long as one of the name is there.
VariantPtr Keep(const RouteEndpoint& route, const RouteVariant& wanted, const Variants& before, const Variants& now) {
  auto made = std::make_shared<DispatcherVariant>();
  for (const auto* variants : {&now, &before}) {
    for (const auto& known : *variants) {
      if (known->name != wanted.name) continue;
      if (known->fleet == wanted.fleet) return known;
      made->metrics = known->metrics;
    }
  }
  made->account = route.account;
  made->endpoint = route.name;
  made->name = wanted.name;
  made->fleet = wanted.fleet;
  if (!made->metrics) made->metrics = std::make_shared<VariantMetrics>();
  return made;
}

VariantCounters CountersOf(const CounterSlots& slots, const RouteEndpoint& endpoint, const RouteVariant& variant) {
  auto slot = [&](const std::string& config) {
    auto found = slots.find({endpoint.account, endpoint.name, variant.name, config});
    return found == slots.end() ? nullptr : found->second;
  };
  bool by_config = endpoint.deploying && !variant.config.empty();
  return {slot({}), by_config ? slot(variant.config) : nullptr, variant.instances.size()};
}

void Link(const Variants& variants) {
  for (const auto& variant : variants) {
    variant->siblings.clear();
    variant->shadows.clear();
    for (const auto& other : variants)
      if (!variant->shadow && other->shadow && other->fleet == variant->fleet) variant->shadows.push_back(other.get());
    for (const auto& other : variants)
      if (other != variant && other->name == variant->name && !other->shadow && !variant->shadow && other->share > 0)
        variant->siblings.push_back(other.get());
  }
}

}  // namespace

DispatcherVariant* DispatcherEndpoint::Named(const std::string& name) {
  for (auto& split_name : names) {
    if (split_name.name != name) continue;
    return variants[split_name.entries[split_name.split.Next().value_or(0)]].get();
  }
  for (const auto& variant : variants)
    if (variant->name == name && !variant->shadow) return variant.get();
  return nullptr;
}

std::vector<std::string> Dispatcher::SetRoutes(const RouteTable& routes, const CounterSlots& slots) {
  auto homeless = ReplaceEndpoints(routes, slots);
  auto busy = RetireUnrouted();
  for (auto& call : homeless) call->copy_ ? End(CallOutcome::Kind::kNoVariant, call) : Submit(std::move(call));
  std::vector<VariantPtr> variants;
  for (auto& [key, endpoint] : endpoints_)
    variants.insert(variants.end(), endpoint->variants.begin(), endpoint->variants.end());
  for (auto& variant : variants) {
    Relieve(*variant);
    Pump(*variant);
  }
  return busy;
}

// Returns the calls whose variant is there no more.
std::vector<std::shared_ptr<Call>> Dispatcher::ReplaceEndpoints(const RouteTable& routes, const CounterSlots& slots) {
  auto old = std::move(endpoints_);
  endpoints_.clear();
  for (auto& [id, instance] : instances_) instance->variant.reset();
  for (auto& [key, endpoint] : old)
    for (auto& variant : endpoint->variants) variant->routed = false;
  for (const auto& route : routes.endpoints) {
    std::string key = route.account + "/" + route.name;
    auto before = old.find(key);
    endpoints_[key] = MakeEndpoint(route, slots, before == old.end() ? nullptr : before->second.get());
  }
  std::vector<std::shared_ptr<Call>> homeless;
  auto evict = [&](DispatcherVariant& variant) {
    for (auto* queue : variant.Queues())
      while (!queue->empty()) {
        homeless.push_back(queue->Pop());
        homeless.back()->variant_.reset();
      }
    variant.instances.clear();
    variant.siblings.clear();
    variant.shadows.clear();
  };
  for (auto* endpoints : {&old, &endpoints_})
    for (auto& [key, endpoint] : *endpoints)
      for (auto& variant : endpoint->variants)
        if (!variant->routed) evict(*variant);
  for (auto& [key, endpoint] : endpoints_) {
    for (auto& variant : endpoint->variants) {
      std::vector<std::shared_ptr<Call>> lost;
      for (auto& call : variant->pinned.calls)
        if (variant->Instance(call->wanted_instance) == nullptr) lost.push_back(call);
      for (auto& call : lost) {
        variant->pinned.Remove(call);
        call->variant_.reset();
        homeless.push_back(std::move(call));
      }
    }
  }
  return homeless;
}

std::unique_ptr<DispatcherEndpoint> Dispatcher::MakeEndpoint(const RouteEndpoint& route, const CounterSlots& slots,
                                                              DispatcherEndpoint* before) {
  auto endpoint = std::make_unique<DispatcherEndpoint>();
  endpoint->serving = Serves(route.status);
  std::vector<double> weights;
  for (const auto& wanted : route.variants) {
    VariantPtr variant = Keep(route, wanted, before == nullptr ? Variants{} : before->variants, endpoint->variants);
    if (variant->routed) continue;  // listed twice
    variant->digest = wanted.digest;
    variant->share = wanted.share;
    variant->shadow = wanted.shadow;
    variant->replay = wanted.replay && !wanted.shadow;
    variant->sampling = wanted.sampling;
    variant->counters = CountersOf(slots, route, wanted);
    variant->routed = true;
    RouteInstances(variant, wanted);
    endpoint->variants.push_back(std::move(variant));
    weights.push_back(wanted.shadow ? 0 : wanted.weight);
  }
  bool same = before != nullptr && SameEntries(before->variants, endpoint->variants);
  endpoint->split = same && before->split.weights() == weights ? std::move(before->split) : TrafficSplit(std::move(weights));
  SplitNames(*endpoint, same ? before : nullptr);
  Link(endpoint->variants);
  for (auto& variant : endpoint->variants) variant->routed = endpoint->serving;
  return endpoint;
}

void Dispatcher::SplitNames(DispatcherEndpoint& endpoint, DispatcherEndpoint* same_before) {
  for (std::size_t i = 0; i < endpoint.variants.size(); ++i) {
    if (endpoint.variants[i]->shadow) continue;
    const std::string& name = endpoint.variants[i]->name;
    auto known = std::find_if(endpoint.names.begin(), endpoint.names.end(), [&](auto& split) { return split.name == name; });
    if (known == endpoint.names.end()) known = endpoint.names.insert(known, {name, {}, {}});
    known->entries.push_back(i);
  }
  std::erase_if(endpoint.names, [](auto& split) { return split.entries.size() < 2; });
  for (auto& split : endpoint.names) {
    std::vector<double> shares;
    for (auto entry : split.entries) shares.push_back(endpoint.variants[entry]->share);
    split.split = TrafficSplit(shares);
    if (same_before == nullptr) continue;
    for (auto& before : same_before->names)
      if (before.name == split.name && before.entries == split.entries && before.split.weights() == shares)
        split.split = std::move(before.split);
  }
}

void Dispatcher::RouteInstances(const VariantPtr& variant, const RouteVariant& route) {
  variant->instances.clear();
  for (const auto& wanted : route.instances) {
    auto& instance = instances_[wanted.id];
    if (!instance) {
      instance = std::make_unique<DispatcherInstance>();
      instance->id = wanted.id;
      instance->port = host_.Open(wanted.id);
    }
    if (instance->variant) continue;  // listed twice
    instance->variant = variant;
    instance->reported_busy = false;
    if (instance->apart) variant->quarantine = true;
    variant->instances.push_back(instance.get());
  }
}

std::vector<std::string> Dispatcher::RetireUnrouted() {
  std::vector<std::string> busy, idle;
  for (auto& [id, instance] : instances_) {
    if (instance->variant) continue;
    if (instance->owed.empty()) {
      idle.push_back(id);
    } else {
      instance->reported_busy = true;
      busy.push_back(id);
    }
  }
  for (const auto& id : idle) {
    instances_[id]->reported_busy = false;  // the list without it says the same
    RetireIfIdle(*instances_[id]);
  }
  std::sort(busy.begin(), busy.end());
  return busy;
}

}  // namespace smhost
