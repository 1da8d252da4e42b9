#include "gateway/invocation_stream.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "gateway/invocation.h"

namespace smhost {
namespace {

StreamFault ModelFault(const char* code, const std::string& message) {
  return {"ModelStreamError", CompactJson({{"ErrorCode", code}, {"Message", message}})};
}

std::string Minutes() { return std::to_string(std::chrono::minutes(limits::kStreamTime).count()); }

}  // namespace

StreamHead StreamAnswerHead(HttpAnswer answer) {
  StreamHead head;
  head.status = answer.status;
  head.headers.emplace_back("Content-Type", "application/vnd.amazon.eventstream");
  if (!answer.content_type.empty()) head.headers.emplace_back("X-Amzn-SageMaker-Content-Type", std::move(answer.content_type));
  for (auto& [name, value] : answer.headers) head.headers.emplace_back(name, std::move(value));
  return head;
}

std::optional<StreamFault> StreamFaultOf(const CallOutcome& outcome) {
  switch (outcome.kind) {
    case CallOutcome::Kind::kAnswered: {
      int status = ModelStatus(outcome.response);
      if (status >= 200 && status < 300) return std::nullopt;
      return ModelFault("StreamBroken", "The model could not go on with its answer (" + std::to_string(status) + "): " +
                                            outcome.response.body.substr(0, limits::kModelMessageBytes));
    }
    case CallOutcome::Kind::kTimedOut:
      return ModelFault("ModelInvocationTimeExceeded",
                        "The model did not end its answer in time; a streamed answer may take " + Minutes() + " minutes.");
    case CallOutcome::Kind::kLost:
    case CallOutcome::Kind::kPoison:
      return ModelFault("StreamBroken", "The model's process ended, or its connection broke, before the answer was whole.");
    case CallOutcome::Kind::kStopping:
      return StreamFault{"InternalStreamFailure", CompactJson({{"Message", "The gateway is stopping; try again."}})};
    default:
      return StreamFault{"InternalStreamFailure", CompactJson({{"Message", "The stream ended for a reason that is not the model's."}})};
  }
}

}  // namespace smhost
