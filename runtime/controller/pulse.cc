#include "controller/pulse.h"

#include <charconv>

#include "base/limits.h"

namespace smhost {
namespace {

constexpr std::int64_t kLongestCallSeconds = 86'400;

std::string Seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

bool Pulse::Look(MonotonicTime now) {
  // Whoever looks late was stopped itself, the instance perhaps with it: its time to answer begins anew.
  bool late = looked_ && now - *looked_ > 2 * limits::kPingEvery;
  looked_ = now;
  if (asked_) {
    if (late) asked_ = now;
    return false;
  }
  asked_ = now;
  return true;
}

void Pulse::Heard(Duration busy) {
  asked_.reset();
  busy_ = busy;
}

std::optional<std::string> Pulse::Lost(MonotonicTime now) const {
  if (asked_ && now - *asked_ >= limits::kInstanceSilent)
    return "It has not answered for " + Seconds(limits::kInstanceSilent) + ".";
  if (busy_ > call_limit_ + limits::kModelCallGrace)
    return "A request has run for " + Seconds(busy_) + " and does not end; its model may take " + Seconds(call_limit_) +
           " (SAGEMAKER_MODEL_SERVER_TIMEOUT).";
  return std::nullopt;
}

std::chrono::seconds ModelCallLimit(const std::string& setting) {
  std::int64_t seconds = 0;
  auto [end, error] = std::from_chars(setting.data(), setting.data() + setting.size(), seconds);
  if (error != std::errc() || end != setting.data() + setting.size() || seconds < 1 || seconds > kLongestCallSeconds)
    return limits::kModelCall;
  return std::chrono::seconds(seconds);
}

}  // namespace smhost
