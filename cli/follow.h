// Follows endpoints until each has come to what is waited for, or cannot come there any more. Sleeps between changes of
// the status files (inotify); notices when the runtime goes away. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "context.h"
#include "api/endpoint_state.h"
#include "exit.h"

namespace smhost::cli {

enum class Verdict { kPending, kReached, kUnreachable };

// After an apply: the fleet of the generations wanted serves. InService with a reason means that an older one does.
Verdict JudgeApplied(const EndpointState& state);
// For `wait --for STATUS`.
Verdict JudgeStatus(const EndpointState& state, const std::string& status);
// No deployment is on its way, whatever the last one came to.
Verdict JudgeSettled(const EndpointState& state);
Verdict JudgeDeleted(const EndpointState& state);

struct FollowOrder {
  std::vector<std::string> endpoints;
  std::function<Verdict(const EndpointState&)> judge;
  std::string goal;  // "InService", "deleted": for messages
  std::chrono::milliseconds timeout{};
  std::optional<std::int64_t> events_after;  // events younger than this one are shown; absent: those from now on
};

// kEndedFailed with the reason at the first endpoint that cannot get there; kTimedOut naming those that have not;
// kNoRuntime where nothing is left that would bring them there.
VerbResult Follow(Context& context, const FollowOrder& order);

inline constexpr std::chrono::milliseconds kDefaultWait = std::chrono::seconds(120);

}  // namespace smhost::cli
