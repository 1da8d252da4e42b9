#include <memory>

#include "alarm_state.h"
#include "base/text.h"
#include "context.h"
#include "follow.h"
#include "kind_argument.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

struct WaitOptions {
  std::string kind, name, goal;
  std::optional<std::chrono::milliseconds> timeout;
};

constexpr const char* kDeleted = "deleted";

// The word as AWS spells it.
tl::expected<std::string, Failure> ParseGoal(Kind kind, const WaitOptions& options) {
  if (options.goal.empty()) return FailUsage("wait: --for STATUS is missing, such as --for InService or --for deleted");
  std::vector<std::string> words = kind == Kind::kAlarm ? AlarmStates() : EndpointStatuses();
  words.push_back(kDeleted);
  for (const auto& word : words)
    if (LowerCase(word) == LowerCase(options.goal)) return word;
  return FailUsage("wait: an " + std::string(kind == Kind::kAlarm ? "alarm" : "endpoint") + " is never \"" + options.goal + "\"; it can be " + JoinWords(words, ", ") +
                   Suggestion(options.goal, words));
}

// Models and configurations are there or not: their deletion is over when it is answered.
VerbResult WaitWithoutStatus(Context& context, Kind kind, const std::string& name, const std::string& goal) {
  auto resource = context.store().Get(context.account(), kind, name);
  std::string word = InfoOf(kind).word;
  if (goal != kDeleted) return FailUsage("a " + word + " has no status; it can only be waited for --for deleted");
  if (!resource && resource.error().code == Code::kNotFound) return Exit::kDone;
  if (!resource) return tl::unexpected<Failure>(Failure(resource.error()));
  return FailWith(
      Exit::kEndedFailed, Code::kConflict,
      word + " " + name + " is there, and nothing is deleting it; `smhost delete " + word + " " + name + "` does",
      word + "/" + name);
}

VerbResult Wait(Context& context, const WaitOptions& options) {
  auto kind = ParseKind(options.kind);
  if (!kind) return tl::unexpected<Failure>(kind.error());
  auto goal = ParseGoal(*kind, options);
  if (!goal) return tl::unexpected<Failure>(goal.error());
  if (*kind == Kind::kAlarm && *goal != kDeleted) {
    VerbResult end = AwaitAlarm(context, options.name, *goal, options.timeout.value_or(kDefaultWait));
    if (end) context.out().Note("alarm " + options.name + " is " + *goal);
    return end;
  }
  if (*kind != Kind::kEndpoint) return WaitWithoutStatus(context, *kind, options.name, *goal);
  FollowOrder order{{options.name}, nullptr, *goal, options.timeout.value_or(kDefaultWait), std::nullopt};
  if (*goal == kDeleted) {
    order.judge = JudgeDeleted;
  } else {
    // One that was never there is not found; one that goes meanwhile has been deleted.
    SMHOST_TRY(EndpointState first,
               ReadEndpointState(context.store(), context.account(), options.name, context.RuntimeRuns()));
    order.judge = [status = *goal](const EndpointState& state) { return JudgeStatus(state, status); };
  }
  VerbResult end = Follow(context, order);
  if (end) context.out().Note("endpoint " + options.name + " " + (*goal == kDeleted ? "deleted" : "is " + *goal));
  return end;
}

}  // namespace

Command WaitCommand() {
  auto options = std::make_shared<WaitOptions>();
  Command command;
  command.name = "wait";
  command.group = "Resources";
  command.summary = "wait until a resource has a status, or is deleted";
  command.description =
      "Waits until the endpoint has the status. Ends at once with exit code 5 when it can no longer come there, such "
      "as a "
      "Failed endpoint that should become InService; an alarm has the states OK, ALARM and INSUFFICIENT_DATA; 6 when the time is over; 7 when no runtime runs.";
  command.example = "smhost wait endpoint vad --for InService --timeout 30s\nsmhost wait ep vad --for deleted\nsmhost wait alarm vad-errors --for ALARM";
  command.positionals = {
      {"KIND", KindList(), &options->kind, true, Complete::kKind},
      {"NAME", "its name", &options->name, true, Complete::kName}};
  command.options = {
      {"--for", "STATUS|deleted", "InService, Failed, Updating and so on, of an alarm OK or ALARM; deleted: it is gone", &options->goal,
       Complete::kStatus},
      {"--timeout", "SPAN", "how long at most; default 120s", &options->timeout},
  };
  command.run = [options](Context& context) { return Wait(context, *options); };
  return command;
}

}  // namespace smhost::cli
