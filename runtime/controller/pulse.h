// Whether one instance that is ready still lives: when to ask it, and what its answers, or their absence, mean. Ready
// decides traffic, this decides restart; never the same check. Pure: bytes and time come from the caller.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace smhost {

class Pulse {
 public:
  // call_limit: how long one call of the model may take.
  explicit Pulse(Duration call_limit) : call_limit_(call_limit) {}

  // At each look, limits::kPingEvery apart, after what has arrived was heard. True: a ping is to be sent.
  bool Look(MonotonicTime now);
  // A pong came.
  void Heard(Duration busy);
  // Why the instance is to be replaced; nothing while it lives.
  std::optional<std::string> Lost(MonotonicTime now) const;

 private:
  Duration call_limit_;
  Duration busy_ = Duration::zero();
  std::optional<MonotonicTime> asked_, looked_;
};

// Of a container's Environment: SAGEMAKER_MODEL_SERVER_TIMEOUT in seconds; limits::kModelCall where it is absent or no
// number.
std::chrono::seconds ModelCallLimit(const std::string& setting);

}  // namespace smhost
