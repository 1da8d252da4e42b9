// Calls whose instance was lost, and variants that help each other out.
#include <algorithm>
#include <utility>

#include "gateway/dispatcher.h"
#include "gateway/dispatcher_parts.h"

namespace smhost {

// The one place where calls lose their instance.
void Dispatcher::LoseAll(DispatcherInstance& instance) {
  std::vector<std::shared_ptr<Call>> lost;
  while (!instance.owed.empty()) lost.push_back(TakeBack(instance, instance.owed.size() - 1));
  std::reverse(lost.begin(), lost.end());
  instance.given_up.clear();
  VariantPtr variant = instance.variant;
  const std::string id = instance.id;
  RetireIfIdle(instance);  // `instance` may be gone from here on
  for (auto& call : lost)
    if (call->variant_) Replay(call, id);  // else the end of another one ended it
  if (!variant) return;
  Relieve(*variant);
  Pump(*variant);
}

void Dispatcher::Replay(const std::shared_ptr<Call>& call, const std::string& lost_with) {
  VariantPtr variant = call->variant_;
  if (!variant->replay || !call->wanted_instance.empty()) return End(CallOutcome::Kind::kLost, call);
  if (call->suspect_) return Convict(call, lost_with);
  if (call->begun_) return End(CallOutcome::Kind::kLost, call);  // a part of the answer has left
  if (call->deadline <= host_.Now()) return End(CallOutcome::Kind::kTimedOut, call);
  call->suspect_ = true;
  call->lost_with_ = lost_with;
  ++variant->metrics->replayed;
  if (variant->routed) return EnqueueSuspect(variant, call);
  call->variant_.reset();
  Submit(call);
}

// It was alone there: nothing else can have ended the instance.
void Dispatcher::Convict(const std::shared_ptr<Call>& call, const std::string& lost_with) {
  auto& variant = *call->variant_;
  std::string digest = RequestDigest(*call, variant.name, variant.fleet);
  poison_.Add(digest, host_.Now());
  ++variant.metrics->poisoned;
  host_.PoisonFound(*call, variant.name, digest, {call->lost_with_, lost_with});
  End(CallOutcome::Kind::kPoison, call, std::move(digest));
}

bool Dispatcher::RefusePoison(const VariantPtr& variant, const std::shared_ptr<Call>& call) {
  std::string digest = RequestDigest(*call, variant->name, variant->fleet);
  if (!poison_.Holds(digest, host_.Now())) return false;
  ++variant->metrics->poisoned;
  call->variant_ = variant;
  End(CallOutcome::Kind::kPoisonAgain, call, std::move(digest));
  return true;
}

// It keeps its place: the queue's limit on calls is for those that come anew.
void Dispatcher::EnqueueSuspect(const VariantPtr& variant, std::shared_ptr<Call> call) {
  call->variant_ = variant;
  if (variant->suspects.bytes + call->body.size() > limits_.queue_bytes) return End(CallOutcome::Kind::kQueueFull, call);
  variant->suspects.Push(std::move(call));
  variant->quarantine = true;
  Pump(*variant);
}

bool Dispatcher::SendSuspect(DispatcherVariant& variant, DispatcherInstance& instance) {
  if (!host_.EnterRoom(instance.id)) return false;
  instance.in_room = true;
  Send(instance, variant.suspects.Pop());
  return true;
}

// Not when the instance is lost: another loop that does not know yet would send it a suspect of its own.
void Dispatcher::LeaveRoom(DispatcherInstance& instance) {
  if (std::exchange(instance.in_room, false)) host_.LeaveRoom(instance.id);
}

void Dispatcher::RetrySuspects() {
  for (auto& [key, endpoint] : endpoints_)
    for (auto& variant : endpoint->variants) Pump(*variant);
}

// Sets instances apart as long as suspects need them, and gives each of those that owe nothing a suspect.
void Dispatcher::PumpSuspects(DispatcherVariant& variant) {
  std::size_t ready = 0, apart = 0, emptying = 0;
  auto use = [&](DispatcherInstance& instance) {
    instance.apart = true;
    ++apart;
    if (!instance.owed.empty() || !SendSuspect(variant, instance)) ++emptying;
  };
  for (auto* instance : variant.instances) {
    if (!instance->ready) continue;
    ++ready;
    if (!instance->apart) continue;
    if (!instance->owed.empty() && instance->owed.front().second->suspect_)
      ++apart;
    else if (variant.suspects.size() > emptying)
      use(*instance);
    else
      instance->apart = false;
  }
  const std::size_t most = std::max<std::size_t>(1, ready / 2);
  while (apart < most && variant.suspects.size() > emptying) {
    DispatcherInstance* freest = nullptr;
    for (auto* candidate : variant.instances)
      if (candidate->ready && !candidate->apart && (freest == nullptr || candidate->FreerThan(*freest))) freest = candidate;
    if (freest == nullptr) break;
    use(*freest);
  }
  variant.quarantine = apart > 0 || !variant.suspects.empty();
}

DispatcherVariant* Dispatcher::ReadySibling(const DispatcherVariant& variant) {
  for (auto* sibling : variant.siblings)
    if (sibling->HasReady()) return sibling;
  return nullptr;
}

// What waits where nobody is ready goes to where somebody is.
void Dispatcher::Relieve(DispatcherVariant& variant) {
  if (variant.siblings.empty() || !variant.Waits() || variant.HasReady()) return;
  DispatcherVariant* helper = ReadySibling(variant);
  if (helper == nullptr) return;
  helper->quarantine = helper->quarantine || !variant.suspects.empty();
  for (bool suspect : {true, false}) {
    CallQueue& from = variant.QueueOf(suspect);
    while (!from.empty()) {
      auto call = from.Pop();
      call->variant_ = helper->shared_from_this();
      helper->QueueOf(suspect).Push(std::move(call));
    }
  }
  Pump(*helper);
}

}  // namespace smhost
