#include "gateway/dispatcher.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "gateway/dispatcher_parts.h"

namespace smhost {

Dispatcher::Dispatcher(DispatcherHost& host, DispatcherLimits limits, PoisonList& poison)
    : host_(host), limits_(limits), poison_(poison) {}

// Calls and variants hold each other.
Dispatcher::~Dispatcher() {
  for (auto& call : AllCalls()) {
    call->variant_.reset();
    call->instance_ = nullptr;
  }
  // Copies that wait hold the variant in whose queue they are.
  for (auto& [key, endpoint] : endpoints_)
    for (auto& variant : endpoint->variants)
      while (!variant->queue.empty()) variant->queue.Pop();
  for (auto& [id, instance] : instances_) instance->port->Close();
}

// --- calls

DispatcherEndpoint* Dispatcher::Find(const std::string& account, const std::string& name) {
  key_.assign(account).append("/").append(name);
  auto found = endpoints_.find(key_);
  return found == endpoints_.end() ? nullptr : found->second.get();
}

bool Dispatcher::ServesEndpoint(const std::string& account, const std::string& name) {
  DispatcherEndpoint* endpoint = Find(account, name);
  return endpoint != nullptr && endpoint->serving;
}

Dispatcher::VariantPtr Dispatcher::Choose(const Call& call, CallOutcome::Kind& why_not) {
  DispatcherEndpoint* endpoint = Find(call.account, call.endpoint);
  why_not = CallOutcome::Kind::kNoEndpoint;
  if (endpoint == nullptr || !endpoint->serving) return nullptr;
  DispatcherVariant* variant = nullptr;
  if (!call.wanted_instance.empty()) {
    why_not = CallOutcome::Kind::kNoSession;
    return WithSession(call);
  }
  if (!call.wanted_variant.empty()) {
    why_not = CallOutcome::Kind::kNoVariant;
    variant = endpoint->Named(call.wanted_variant);
  } else {
    why_not = CallOutcome::Kind::kNoTraffic;
    if (auto chosen = endpoint->split.Next()) variant = endpoint->variants[*chosen].get();
  }
  if (variant == nullptr) return nullptr;
  if (!variant->siblings.empty() && !variant->HasReady())
    if (auto* sibling = ReadySibling(*variant)) variant = sibling;
  return variant->shared_from_this();
}

void Dispatcher::Submit(std::shared_ptr<Call> call) {
  CallOutcome::Kind why_not;
  VariantPtr variant = Choose(*call, why_not);
  if (!variant) return End(why_not, call);
  if (call->suspect_) return EnqueueSuspect(variant, std::move(call));
  if (!poison_.Empty() && RefusePoison(variant, call)) return;
  if (!variant->shadows.empty() && call->window == 0) CopyToShadows(*variant, call);
  Enqueue(variant, std::move(call));
}

void Dispatcher::Enqueue(const VariantPtr& variant, std::shared_ptr<Call> call) {
  const std::size_t waiting = variant->queue.size() + variant->pinned.size(), bytes = variant->queue.bytes + variant->pinned.bytes;
  bool full = waiting >= limits_.queue_calls || bytes + call->body.size() > limits_.queue_bytes;
  call->variant_ = variant;
  CallQueue& queue = call->wanted_instance.empty() ? variant->queue : variant->pinned;
  queue.Push(call);
  Pump(*variant);
  // Full only counts if the call has to wait.
  if (!full || call->instance_ != nullptr || call->variant_ != variant) return;
  if (queue.Remove(call)) End(CallOutcome::Kind::kQueueFull, call);
}

DispatcherInstance* Dispatcher::Freest(const DispatcherVariant& variant) const {
  DispatcherInstance* freest = nullptr;
  for (std::size_t i = 0; i < variant.instances.size(); ++i) {
    DispatcherInstance* candidate = variant.instances[(variant.next + i) % variant.instances.size()];
    if (!candidate->ready || candidate->apart || candidate->owed.size() >= static_cast<std::size_t>(limits_.outstanding)) continue;
    if (freest == nullptr || candidate->FreerThan(*freest)) freest = candidate;
  }
  return freest;
}

void Dispatcher::Pump(DispatcherVariant& variant) {
  if (variant.quarantine) PumpSuspects(variant);
  if (!variant.pinned.empty()) PumpPinned(variant);
  while (!variant.queue.empty()) {
    DispatcherInstance* freest = Freest(variant);
    if (freest == nullptr) return;
    ++variant.next;
    Send(*freest, variant.queue.Pop());
  }
}

// Each waits for its instance alone: none keeps another waiting that could go.
void Dispatcher::PumpPinned(DispatcherVariant& variant) {
  auto waiting = variant.pinned.calls;
  for (auto& call : waiting) {
    DispatcherInstance* instance = variant.Instance(call->wanted_instance);
    if (instance == nullptr || !instance->ready || instance->apart) continue;
    if (instance->owed.size() >= static_cast<std::size_t>(limits_.outstanding)) continue;
    if (variant.pinned.Remove(call)) Send(*instance, call);
  }
}

Dispatcher::VariantPtr Dispatcher::WithSession(const Call& call) {
  auto found = instances_.find(call.wanted_instance);
  if (found == instances_.end() || !found->second->variant) return nullptr;
  auto& variant = found->second->variant;
  bool right = variant->account == call.account && variant->endpoint == call.endpoint && !variant->shadow &&
               (call.wanted_variant.empty() || call.wanted_variant == variant->name);
  return right ? variant : nullptr;
}

void Dispatcher::Send(DispatcherInstance& instance, std::shared_ptr<Call> call) {
  call->sent = host_.Now();
  call->instance_ = &instance;
  call->room_ = static_cast<std::int64_t>(call->window);
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

void Dispatcher::End(CallOutcome::Kind kind, const std::shared_ptr<Call>& call, std::string request_digest) {
  CallOutcome outcome;
  outcome.kind = kind;
  outcome.request_digest = std::move(request_digest);
  if (call->variant_) {
    outcome.variant = call->variant_->name;
    outcome.metrics = call->variant_->metrics;
    outcome.counters = call->variant_->counters;
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
    for (auto* queue : variant->Queues())
      if (queue->Remove(call)) break;
    return;
  }
  for (std::size_t i = 0; i < instance->owed.size(); ++i) {
    if (instance->owed[i].second != call) continue;
    std::uint64_t id = instance->owed[i].first;
    TakeBack(*instance, i);
    LeaveRoom(*instance);
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
  auto look = [&](const std::shared_ptr<Call>& call) {
    if (call->deadline <= now) late.push_back(call);
  };
  for (auto& [key, endpoint] : endpoints_)
    for (auto& variant : endpoint->variants)
      for (auto* queue : variant->Queues()) std::for_each(queue->calls.begin(), queue->calls.end(), look);
  for (auto& [id, instance] : instances_)
    for (auto& [frame, call] : instance->owed) look(call);
  for (auto& call : late) {
    auto variant = call->variant_;
    if (!variant) continue;  // the end of another one ended it
    if (call->instance_ != nullptr && !call->begun_) call->instance_->silent = true;
    Cancel(call);
    call->variant_ = variant;
    End(CallOutcome::Kind::kTimedOut, call);
  }
}

std::vector<std::shared_ptr<Call>> Dispatcher::AllCalls() const {
  std::vector<std::shared_ptr<Call>> all;
  for (const auto& [key, endpoint] : endpoints_)
    for (const auto& variant : endpoint->variants)
      for (const auto* queue : variant->Queues()) all.insert(all.end(), queue->calls.begin(), queue->calls.end());
  for (const auto& [id, instance] : instances_)
    for (const auto& [frame, call] : instance->owed) all.push_back(call);
  return all;
}

void Dispatcher::Stop() {
  auto all = AllCalls();
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
  LeaveRoom(instance);
  instance.digest = digest;
  auto variant = instance.variant;
  if (!variant) return;
  Pump(*variant);
  if (DispatcherEndpoint* endpoint = Find(variant->account, variant->endpoint))
    for (auto& other : endpoint->variants) Relieve(*other);
}

bool Dispatcher::OnAnswer(const std::string& id, Frame& response) {
  auto found = instances_.find(id);
  if (found == instances_.end()) return true;  // closed meanwhile: its last answers, to calls that were cancelled
  auto& instance = *found->second;
  instance.silent = false;
  const bool more = !response.Get(frame_key::kMore).empty();
  auto owed = std::find_if(instance.owed.begin(), instance.owed.end(), [&](auto& o) { return o.first == response.id; });
  if (owed == instance.owed.end()) {
    auto given_up = std::find(instance.given_up.begin(), instance.given_up.end(), response.id);
    if (given_up == instance.given_up.end()) return false;
    if (!more) instance.given_up.erase(given_up);
    return true;
  }
  if (more) return OnPart(instance, std::shared_ptr(owed->second), response);
  auto call = TakeBack(instance, static_cast<std::size_t>(owed - instance.owed.begin()));
  LeaveRoom(instance);
  auto variant = std::move(call->variant_);
  CallOutcome outcome;
  outcome.response = std::move(response);
  outcome.variant = variant->name;
  outcome.digest = instance.digest.empty() ? variant->digest : instance.digest;
  outcome.instance = id;
  outcome.queued = call->sent - call->arrived;
  outcome.metrics = variant->metrics;
  outcome.counters = variant->counters;
  auto routed_for = instance.variant;
  RetireIfIdle(instance);  // `instance` may be gone from here on
  if (routed_for) Pump(*routed_for);
  if (!call->pairs_.empty()) PairAnswer(*call, outcome.response);
  call->Done(std::move(outcome));
  return true;
}

bool Dispatcher::OnPart(DispatcherInstance& instance, const std::shared_ptr<Call>& call, Frame& response) {
  if (call->room_ <= 0) return false;
  call->room_ -= static_cast<std::int64_t>(response.body.size());
  call->begun_ = true;
  CallOutcome part;
  part.response = std::move(response);
  part.variant = call->variant_->name;
  part.digest = instance.digest.empty() ? call->variant_->digest : instance.digest;
  part.instance = instance.id;
  part.queued = call->sent - call->arrived;
  part.metrics = call->variant_->metrics;
  part.counters = call->variant_->counters;
  call->Part(std::move(part));
  return true;
}

void Dispatcher::Grant(const std::shared_ptr<Call>& call, std::size_t bytes) {
  if (call->instance_ == nullptr) return;
  for (const auto& [id, owed] : call->instance_->owed) {
    if (owed != call) continue;
    call->room_ += static_cast<std::int64_t>(bytes);
    return call->instance_->port->Grant(id, bytes);
  }
}

void Dispatcher::OnLost(const std::string& id) {
  auto found = instances_.find(id);
  if (found == instances_.end()) return;
  found->second->ready = false;
  found->second->silent = false;
  found->second->apart = false;
  host_.InstanceLost(id);
  LoseAll(*found->second);
}

void Dispatcher::RetireIfIdle(DispatcherInstance& instance) {
  if (instance.variant || !instance.owed.empty()) return;
  std::string id = instance.id;
  bool report = instance.reported_busy;
  LeaveRoom(instance);
  instance.port->Close();
  instances_.erase(id);
  if (report) host_.InstanceIdle(id);
}

// --- views

std::size_t Dispatcher::waiting() const {
  std::size_t count = 0;
  for (const auto& [key, endpoint] : endpoints_)
    for (const auto& variant : endpoint->variants) count += variant->Waiting();
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
      visit({variant->account, variant->endpoint, variant->name, variant->fleet,
             variant->Waiting(), owed, ready, *variant->metrics});
    }
  }
}

}  // namespace smhost
