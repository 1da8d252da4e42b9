#include "follow.h"

#include <algorithm>

#include "event_feed.h"
#include "rollout_text.h"
#include "text.h"
#include "time_text.h"
#include "watch.h"

namespace smhost::cli {
namespace {

using std::chrono::milliseconds;

// The lock of a runtime that was killed tells nobody: it is looked at this often.
constexpr milliseconds kLookAtLogsAgain{1000};

Failure Unreachable(const std::string& name, const EndpointState& state, const std::string& goal) {
  std::string line = "endpoint " + name;
  if (!state.exists) {
    line += " was deleted; it cannot become " + goal;
  } else if (goal == "InService" && state.status == "InService") {
    line += ": the update failed and the version before it serves on: " + state.reason;
  } else {
    line += " is " + state.status + " and cannot become " + goal + (state.reason.empty() ? "" : ": " + state.reason);
  }
  return {Exit::kEndedFailed,
          {Code::kInvalid, line + "; see `smhost logs " + name + "` and `smhost events endpoint " + name + "`",
           "endpoint/" + name}};
}

Failure TimedOut(const std::vector<std::string>& lines, const FollowOrder& order) {
  std::string first = order.endpoints.empty() ? "" : order.endpoints.front();
  auto waited = FormatSpan(std::chrono::duration_cast<std::chrono::seconds>(order.timeout));
  return {Exit::kTimedOut,
          {Code::kTimedOut,
           JoinWords(lines, ", ") + " after " + waited + ", not " + order.goal +
               "; it goes on: `smhost wait endpoint " + first + " --for " + order.goal + "` waits again",
           "endpoint/" + first}};
}

class Follower {
 public:
  Follower(Context& context, const FollowOrder& order)
      : context_(context), order_(order), events_(context), pending_(order.endpoints) {
    if (order.events_after) events_.StartAfter(*order.events_after);
    // The controller makes the folder with the first status; waiting for anything makes no state directory.
    std::string folder = FolderOf(context.home().Status(context.account(), "endpoint", "x"));
    if (context.RuntimeRuns() && context.files().MakeFolders(folder, 0700)) watch_.Add(folder);
  }

  VerbResult Run() {
    auto end = context_.clock().Monotonic() + order_.timeout;
    for (;;) {
      bool running = context_.RuntimeRuns();
      auto looked = Look(running);
      if (!looked) return tl::unexpected<Failure>(looked.error());
      if (pending_.empty()) return Exit::kDone;
      if (!running) return tl::unexpected<Failure>(Failure(context_.NoRuntime()));
      auto left = std::chrono::ceil<milliseconds>(end - context_.clock().Monotonic());
      if (left.count() <= 0) return tl::unexpected<Failure>(TimedOut(lines_, order_));
      watch_.Wait(std::min(left, kLookAtLogsAgain));
    }
  }

 private:
  tl::expected<void, Failure> Look(bool running) {
    lines_.clear();
    std::vector<std::string> still;
    for (const std::string& name : pending_) {
      auto read = ReadEndpointState(context_.store(), context_.account(), name, running);
      if (!read && read.error().code != Code::kNotFound) return tl::unexpected<Failure>(Failure(read.error()));
      EndpointState state = read ? *read : EndpointState{};
      for (const std::string& event : events_.NewLinesOf(name)) context_.out().Note(event);
      Verdict verdict = order_.judge(state);
      if (verdict == Verdict::kUnreachable) return tl::unexpected<Failure>(Unreachable(name, state, order_.goal));
      if (verdict == Verdict::kReached) continue;
      still.push_back(name);
      lines_.push_back(ProgressText(name, state));
    }
    pending_ = still;
    if (running && !lines_.empty()) context_.out().Progress(JoinWords(lines_, ", "));
    if (lines_.empty()) context_.out().EndProgress();
    return {};
  }

  Context& context_;
  const FollowOrder& order_;
  EventFeed events_;
  FolderWatch watch_;
  std::vector<std::string> pending_, lines_;
};

}  // namespace

Verdict JudgeApplied(const EndpointState& state) {
  if (!state.wanted) return Verdict::kUnreachable;
  if (!state.observed) return Verdict::kPending;
  if (state.status == "InService") return state.reason.empty() ? Verdict::kReached : Verdict::kUnreachable;
  return state.status == "Failed" || state.status == "UpdateRollbackFailed" ? Verdict::kUnreachable : Verdict::kPending;
}

Verdict JudgeStatus(const EndpointState& state, const std::string& status) {
  if (state.exists && state.status == status) return Verdict::kReached;
  if (!state.exists) return status == "Deleting" ? Verdict::kReached : Verdict::kUnreachable;
  if (state.status == "Deleting") return Verdict::kUnreachable;
  // AWS: nothing but Deleting follows Failed; here a changed document does, and then the status is no longer Failed.
  if (state.status == "Failed" && status != "Deleting") return Verdict::kUnreachable;
  return Verdict::kPending;
}

Verdict JudgeSettled(const EndpointState& state) {
  if (!state.wanted) return Verdict::kUnreachable;
  if (!state.observed) return Verdict::kPending;
  if (state.status == "UpdateRollbackFailed") return Verdict::kUnreachable;
  return state.status == "InService" || state.status == "Failed" ? Verdict::kReached : Verdict::kPending;
}

Verdict JudgeDeleted(const EndpointState& state) { return state.exists ? Verdict::kPending : Verdict::kReached; }

VerbResult Follow(Context& context, const FollowOrder& order) { return Follower(context, order).Run(); }

}  // namespace smhost::cli
