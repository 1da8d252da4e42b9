#include "gateway/call_count.h"

#include <algorithm>
#include <optional>

#include "gateway/invocation.h"
#include "gateway/variant_metrics.h"

namespace smhost {

void CountCall(const CallOutcome& outcome, const HttpAnswer& answer, MonotonicTime arrived, MonotonicTime now) {
  if (!outcome.metrics) return;
  outcome.metrics->Count(answer.status);
  bool model_error = answer.status == 424 || outcome.kind == CallOutcome::Kind::kPoison;
  std::optional<Duration> model, overhead;
  if (outcome.kind == CallOutcome::Kind::kAnswered) {
    model = InstanceTime(outcome.response, frame_key::kModelUs);
    overhead = std::max(Duration{}, now - arrived - *model);
    outcome.metrics->model.Add(*model);
    outcome.metrics->overhead.Add(*overhead);
  }
  outcome.counters.Count(answer.CountedStatus(), model_error, model, overhead);
}

}  // namespace smhost
