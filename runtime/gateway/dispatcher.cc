#include "gateway/dispatcher.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "planning/traffic.h"

namespace smhost {

struct DispatcherVariant {
  std::string account, endpoint, name;
  std::string digest;  // what the routes say; an instance knows better
  std::vector<DispatcherInstance*> instances;
  std::size_t next = 0;  // where the look for the freest begins, so that equals take turns
  std::deque<std::shared_ptr<Call>> queue;
  std::size_t queue_bytes = 0;
  std::shared_ptr<VariantMetrics> metrics = std::make_shared<VariantMetrics>();
};

struct DispatcherInstance {
  std::string id;
  std::shared_ptr<InstancePort> port;
  std::shared_ptr<DispatcherVariant> variant;  // null: not routed to any more
  bool ready = false;
  bool reported_busy = false;
  bool silent = false;  // let a call time out and has answered none since: it gets calls only where no other can
  std::string digest;
  std::uint64_t next_id = 1;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<Call>>> owed;
  std::deque<std::uint64_t> given_up;  // cancelled ids: a late answer is no breach
};

struct Dispatcher::Endpoint {
  bool serving = false;
  TrafficSplit split;
  std::vector<std::string> split_names;
  std::vector<VariantPtr> variants;
};

namespace {

bool Serves(const std::string& status) {
  for (const char* serving : {"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
    if (status == serving) return true;
  return false;
}

}  // namespace

Dispatcher::Dispatcher(DispatcherHost& host, DispatcherLimits limits) : host_(host), limits_(limits) {}

// Calls and variants hold each other.
Dispatcher::~Dispatcher() {
  auto let_go = [](Call& call) {
    call.variant_.reset();
    call.instance_ = nullptr;
  };
  for (auto& [key, endpoint] : endpoints_)
    for (auto& variant : endpoint->variants)
      for (auto& call : std::exchange(variant->queue, {})) let_go(*call);
  for (auto& [id, instance] : instances_) {
    for (auto& [frame, call] : instance->owed) let_go(*call);
    instance->port->Close();
  }
}

// --- calls

Dispatcher::Endpoint* Dispatcher::Find(const std::string& account, const std::string& name) {
  key_.assign(account).append("/").append(name);
  auto found = endpoints_.find(key_);
  return found == endpoints_.end() ? nullptr : found->second.get();
}

Dispatcher::VariantPtr Dispatcher::Choose(const Call& call, CallOutcome::Kind& why_not) {
  Endpoint* endpoint = Find(call.account, call.endpoint);
  why_not = CallOutcome::Kind::kNoEndpoint;
  if (endpoint == nullptr || !endpoint->serving) return nullptr;
  if (!call.wanted_variant.empty()) {
    why_not = CallOutcome::Kind::kNoVariant;
    for (const auto& variant : endpoint->variants)
      if (variant->name == call.wanted_variant) return variant;
    return nullptr;
  }
  why_not = CallOutcome::Kind::kNoTraffic;
  auto chosen = endpoint->split.Next();
  return chosen ? endpoint->variants[*chosen] : nullptr;
}

void Dispatcher::Submit(std::shared_ptr<Call> call) {
  CallOutcome::Kind why_not;
  VariantPtr variant = Choose(*call, why_not);
  if (!variant) return End(why_not, call);
  Enqueue(variant, std::move(call));
}

void Dispatcher::Enqueue(const VariantPtr& variant, std::shared_ptr<Call> call) {
  bool full = variant->queue.size() >= limits_.queue_calls || variant->queue_bytes + call->body.size() > limits_.queue_bytes;
  call->variant_ = variant;
  variant->queue_bytes += call->body.size();
  variant->queue.push_back(call);
  Pump(*variant);
  // Full only counts if the call has to wait.
  if (!full || call->instance_ != nullptr || call->variant_ != variant) return;
  auto place = std::find(variant->queue.begin(), variant->queue.end(), call);
  if (place == variant->queue.end()) return;
  variant->queue.erase(place);
  variant->queue_bytes -= call->body.size();
  End(CallOutcome::Kind::kQueueFull, call);
}

DispatcherInstance* Dispatcher::Freest(const DispatcherVariant& variant) const {
  DispatcherInstance* freest = nullptr;
  auto load = [](const DispatcherInstance& instance) { return std::pair(instance.silent, instance.owed.size()); };
  for (std::size_t i = 0; i < variant.instances.size(); ++i) {
    DispatcherInstance* candidate = variant.instances[(variant.next + i) % variant.instances.size()];
    if (!candidate->ready || candidate->owed.size() >= static_cast<std::size_t>(limits_.outstanding)) continue;
    if (freest == nullptr || load(*candidate) < load(*freest)) freest = candidate;
  }
  return freest;
}

void Dispatcher::Pump(DispatcherVariant& variant) {
  while (!variant.queue.empty()) {
    DispatcherInstance* freest = Freest(variant);
    if (freest == nullptr) return;
    ++variant.next;
    auto call = std::move(variant.queue.front());
    variant.queue.pop_front();
    variant.queue_bytes -= call->body.size();
    Send(*freest, std::move(call));
  }
}

void Dispatcher::Send(DispatcherInstance& instance, std::shared_ptr<Call> call) {
  call->sent = host_.Now();
  call->instance_ = &instance;
  instance.owed.emplace_back(instance.next_id, call);
  ++outstanding_;
  instance.port->Send(instance.next_id++, std::move(call));
}

std::shared_ptr<Call> Dispatcher::TakeBack(DispatcherInstance& instance, std::size_t position) {
  auto call = std::move(instance.owed[position].second);
  instance.owed.erase(instance.owed.begin() + static_cast<std::ptrdiff_t>(position));
  call->instance_ = nullptr;
  --outstanding_;
  return call;
}

void Dispatcher::End(CallOutcome::Kind kind, const std::shared_ptr<Call>& call) {
  CallOutcome outcome;
  outcome.kind = kind;
  if (call->variant_) {
    outcome.variant = call->variant_->name;
    outcome.metrics = call->variant_->metrics;
  }
  outcome.queued = (call->sent == MonotonicTime{} ? host_.Now() : call->sent) - call->arrived;
  call->variant_.reset();
  call->Done(std::move(outcome));
}

void Dispatcher::Cancel(const std::shared_ptr<Call>& call) {
  auto variant = std::move(call->variant_);
  if (!variant) return;
  DispatcherInstance* instance = call->instance_;
  if (instance == nullptr) {
    auto place = std::find(variant->queue.begin(), variant->queue.end(), call);
    if (place == variant->queue.end()) return;
    variant->queue_bytes -= call->body.size();
    variant->queue.erase(place);
    return;
  }
  for (std::size_t i = 0; i < instance->owed.size(); ++i) {
    if (instance->owed[i].second != call) continue;
    std::uint64_t id = instance->owed[i].first;
    TakeBack(*instance, i);
    instance->given_up.push_back(id);
    if (instance->given_up.size() > limits::kGivenUpPerInstance) instance->given_up.pop_front();
    instance->port->Cancel(id);
    break;
  }
  RetireIfIdle(*instance);
  Pump(*variant);
}

void Dispatcher::Expire(MonotonicTime now) {
  std::vector<std::shared_ptr<Call>> late;
  for (auto& [key, endpoint] : endpoints_)
    for (auto& variant : endpoint->variants)
      for (auto& call : variant->queue)
        if (call->deadline <= now) late.push_back(call);
  for (auto& [id, instance] : instances_)
    for (auto& [frame, call] : instance->owed)
      if (call->deadline <= now) late.push_back(call);
  for (auto& call : late) {
    auto variant = call->variant_;
    if (!variant) continue;  // the end of another one ended it
    if (call->instance_ != nullptr) call->instance_->silent = true;
    Cancel(call);
    call->variant_ = variant;
    End(CallOutcome::Kind::kTimedOut, call);
  }
}

void Dispatcher::Stop() {
  std::vector<std::shared_ptr<Call>> all;
  for (auto& [key, endpoint] : endpoints_)
    for (auto& variant : endpoint->variants) all.insert(all.end(), variant->queue.begin(), variant->queue.end());
  for (auto& [id, instance] : instances_)
    for (auto& [frame, call] : instance->owed) all.push_back(call);
  for (auto& [key, endpoint] : endpoints_) endpoint->serving = false;
  for (auto& call : all) {
    auto variant = call->variant_;
    if (!variant) continue;
    Cancel(call);
    call->variant_ = variant;
    End(CallOutcome::Kind::kStopping, call);
  }
}

// --- instances

void Dispatcher::OnReady(const std::string& id, const std::string& digest) {
  auto found = instances_.find(id);
  if (found == instances_.end()) return;
  auto& instance = *found->second;
  instance.ready = true;
  instance.digest = digest;
  if (auto variant = instance.variant) Pump(*variant);
}

bool Dispatcher::OnAnswer(const std::string& id, Frame& response) {
  auto found = instances_.find(id);
  if (found == instances_.end()) return true;  // closed meanwhile: its last answers, to calls that were cancelled
  auto& instance = *found->second;
  instance.silent = false;
  auto owed = std::find_if(instance.owed.begin(), instance.owed.end(), [&](auto& o) { return o.first == response.id; });
  if (owed == instance.owed.end()) {
    auto given_up = std::find(instance.given_up.begin(), instance.given_up.end(), response.id);
    if (given_up == instance.given_up.end()) return false;
    instance.given_up.erase(given_up);
    return true;
  }
  auto call = TakeBack(instance, static_cast<std::size_t>(owed - instance.owed.begin()));
  auto variant = std::move(call->variant_);
  CallOutcome outcome;
  outcome.response = std::move(response);
  outcome.variant = variant->name;
  outcome.digest = instance.digest.empty() ? variant->digest : instance.digest;
  outcome.queued = call->sent - call->arrived;
  outcome.metrics = variant->metrics;
  auto routed_for = instance.variant;
  RetireIfIdle(instance);  // `instance` may be gone from here on
  if (routed_for) Pump(*routed_for);
  call->Done(std::move(outcome));
  return true;
}

void Dispatcher::OnLost(const std::string& id) {
  auto found = instances_.find(id);
  if (found == instances_.end()) return;
  found->second->ready = false;
  found->second->silent = false;
  host_.InstanceLost(id);
  LoseAll(*found->second);
}

// The one place where calls end because their instance did: sending them again belongs here.
void Dispatcher::LoseAll(DispatcherInstance& instance) {
  std::vector<std::shared_ptr<Call>> lost;
  while (!instance.owed.empty()) lost.push_back(TakeBack(instance, instance.owed.size() - 1));
  std::reverse(lost.begin(), lost.end());
  instance.given_up.clear();
  RetireIfIdle(instance);
  for (auto& call : lost)
    if (call->variant_) End(CallOutcome::Kind::kLost, call);
}

void Dispatcher::RetireIfIdle(DispatcherInstance& instance) {
  if (instance.variant || !instance.owed.empty()) return;
  std::string id = instance.id;
  bool report = instance.reported_busy;
  instance.port->Close();
  instances_.erase(id);
  if (report) host_.InstanceIdle(id);
}

// --- routes

std::vector<std::string> Dispatcher::SetRoutes(const RouteTable& routes) {
  auto homeless = ReplaceEndpoints(routes);
  auto busy = RetireUnrouted();
  for (auto& call : homeless) Submit(std::move(call));
  std::vector<VariantPtr> variants;
  for (auto& [key, endpoint] : endpoints_)
    variants.insert(variants.end(), endpoint->variants.begin(), endpoint->variants.end());
  for (auto& variant : variants) Pump(*variant);
  return busy;
}

// Returns the calls whose variant is there no more.
std::vector<std::shared_ptr<Call>> Dispatcher::ReplaceEndpoints(const RouteTable& routes) {
  auto old = std::move(endpoints_);
  endpoints_.clear();
  for (auto& [id, instance] : instances_) instance->variant.reset();
  for (const auto& route : routes.endpoints) {
    auto endpoint = std::make_unique<Endpoint>();
    std::string key = route.account + "/" + route.name;
    auto before = old.find(key);
    endpoint->serving = Serves(route.status);
    std::vector<double> weights;
    for (const auto& wanted : route.variants) {
      VariantPtr variant;
      if (before != old.end())
        for (auto& known : before->second->variants)
          if (known && known->name == wanted.name) variant = std::move(known);
      if (!variant) variant = std::make_shared<DispatcherVariant>();
      variant->account = route.account;
      variant->endpoint = route.name;
      variant->name = wanted.name;
      variant->digest = wanted.digest;
      RouteInstances(variant, wanted);
      endpoint->variants.push_back(std::move(variant));
      endpoint->split_names.push_back(wanted.name);
      weights.push_back(wanted.weight);
    }
    bool same = before != old.end() && before->second->split.weights() == weights && before->second->split_names == endpoint->split_names;
    endpoint->split = same ? std::move(before->second->split) : TrafficSplit(std::move(weights));
    endpoints_[key] = std::move(endpoint);
  }
  std::vector<std::shared_ptr<Call>> homeless;
  auto evict = [&](DispatcherVariant& variant) {
    for (auto& call : variant.queue) {
      call->variant_.reset();
      homeless.push_back(std::move(call));
    }
    variant.queue.clear();
    variant.queue_bytes = 0;
    variant.instances.clear();
  };
  for (auto& [key, endpoint] : old)
    for (auto& variant : endpoint->variants)
      if (variant) evict(*variant);
  for (auto& [key, endpoint] : endpoints_)
    if (!endpoint->serving)
      for (auto& variant : endpoint->variants) evict(*variant);
  return homeless;
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

// --- views

std::size_t Dispatcher::waiting() const {
  std::size_t count = 0;
  for (const auto& [key, endpoint] : endpoints_)
    for (const auto& variant : endpoint->variants) count += variant->queue.size();
  return count;
}

void Dispatcher::ForEachVariant(const std::function<void(const VariantView&)>& visit) const {
  for (const auto& [key, endpoint] : endpoints_) {
    for (const auto& variant : endpoint->variants) {
      std::size_t owed = 0, ready = 0;
      for (const auto* instance : variant->instances) {
        owed += instance->owed.size();
        ready += instance->ready;
      }
      visit({variant->account, variant->endpoint, variant->name, variant->queue.size(), owed, ready, *variant->metrics});
    }
  }
}

}  // namespace smhost
