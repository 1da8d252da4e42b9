// Copies of calls for shadow variants.
#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "gateway/dispatcher.h"
#include "gateway/dispatcher_parts.h"
#include "gateway/invocation.h"
#include "gateway/shadow_comparer.h"

namespace smhost {

// What a shadow is asked. Nobody waits for its answer.
class Dispatcher::Copy final : public Call {
 public:
  Copy(const Call& call, DispatcherHost& host, std::shared_ptr<DispatcherVariant> shadow, std::shared_ptr<ShadowPair> pair)
      : host_(host), shadow_(std::move(shadow)), pair_of_answers_(std::move(pair)) {
    account = call.account;
    endpoint = call.endpoint;
    content_type = call.content_type;
    accept = call.accept;
    custom_attributes = call.custom_attributes;
    body = call.body;
    arrived = host_.Now();
    deadline = arrived + (call.deadline - call.arrived);
    shadow_->copied_bytes += body.size();
  }

  void Done(CallOutcome outcome) override {
    shadow_->copied_bytes -= body.size();
    if (outcome.kind != CallOutcome::Kind::kAnswered) {
      if (sent != MonotonicTime{}) Count(500, std::nullopt, std::nullopt);
      return shadow_->counters.CountShadowDropped();
    }
    Duration model = InstanceTime(outcome.response, frame_key::kModelUs);
    Count(ModelStatus(outcome.response), model, std::max(Duration{}, host_.Now() - arrived - model));
    pair_of_answers_->shadow = PairedAnswer::Of(outcome.response);
    if (pair_of_answers_->Complete()) host_.Compare(std::move(pair_of_answers_));
  }

 private:
  void Count(int status, std::optional<Duration> model, std::optional<Duration> overhead) {
    bool error = status < 200 || status >= 300;
    shadow_->metrics->Count(status);
    if (model) shadow_->metrics->model.Add(*model);
    if (overhead) shadow_->metrics->overhead.Add(*overhead);
    shadow_->counters.Count(status, error, model, overhead);
  }

  DispatcherHost& host_;
  const std::shared_ptr<DispatcherVariant> shadow_;
  std::shared_ptr<ShadowPair> pair_of_answers_;
};

// Decides now, which keeps the sample exact; copies when the call itself is on its way.
void Dispatcher::CopyToShadows(DispatcherVariant& variant, const std::shared_ptr<Call>& call) {
  if (std::exchange(call->sampled_, true)) return;
  constexpr double kRounding = 1e-9;
  for (auto* shadow : variant.shadows) {
    shadow->sampled += std::clamp(shadow->sampling, 0.0, 1.0);
    if (shadow->sampled < 1 - kRounding) continue;
    shadow->sampled -= 1;
    auto pair = std::make_shared<ShadowPair>();
    pair->counters = shadow->counters;
    call->pairs_.push_back(pair);
    host_.Later([this, call, pair, to = shadow->weak_from_this()] {
      if (auto still = to.lock()) SendCopy(still, *call, pair);
    });
  }
}

void Dispatcher::SendCopy(const VariantPtr& shadow, const Call& call, const std::shared_ptr<ShadowPair>& pair) {
  bool room = shadow->routed && shadow->copied_bytes + call.body.size() <= limits::kShadowBytes &&
              (shadow->queue.size() < limits::kShadowQueue || Freest(*shadow) != nullptr);
  if (!room) return shadow->counters.CountShadowDropped();
  std::shared_ptr<Call> copy = std::make_shared<Copy>(call, host_, shadow, pair);
  copy->copy_ = true;
  copy->variant_ = shadow;
  shadow->queue.Push(std::move(copy));
  Pump(*shadow);
}

void Dispatcher::PairAnswer(Call& call, const Frame& response) {
  for (auto& pair : std::exchange(call.pairs_, {})) {
    pair->caller = PairedAnswer::Of(response);
    if (pair->Complete()) host_.Compare(std::move(pair));
  }
}

}  // namespace smhost
