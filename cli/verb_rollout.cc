// How an endpoint's updates go: status, history, and the ways back.
#include <memory>

#include "api/endpoint_updates.h"
#include "changes.h"
#include "context.h"
#include "event_feed.h"
#include "follow.h"
#include "rollout_text.h"
#include "text.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

struct RolloutOptions {
  std::string action, endpoint;
  std::optional<int> revision;
  bool wait = false;
  std::optional<std::chrono::milliseconds> timeout;

  std::chrono::milliseconds longest() const { return timeout.value_or(kDefaultWait); }
};

Result<EndpointState> StateOf(Context& context, const std::string& endpoint) {
  return ReadEndpointState(context.store(), context.account(), endpoint, context.RuntimeRuns());
}

std::string StatusLine(const std::string& name, const EndpointState& state) {
  std::string text = ProgressText(name, state);
  const std::string config = StringOr(state.describe, "EndpointConfigName");
  if (DeploymentText(state).empty() && state.status == "InService" && !config.empty()) text += ", all requests go to " + Harmless(config);
  if (!state.reason.empty()) text += ": " + Harmless(state.reason);
  return text + "\n";
}

VerbResult ShowStatus(Context& context, const RolloutOptions& options) {
  const std::string& name = options.endpoint;
  SMHOST_TRY(EndpointState state, StateOf(context, name));
  VerbResult end = Exit::kDone;
  if (options.wait) {
    end = Follow(context, {{name}, JudgeApplied, "InService", options.longest(), std::nullopt});
    if (!end && end.error().exit != Exit::kEndedFailed) return end;
    SMHOST_TRY(state, StateOf(context, name));
  }
  if (!context.RuntimeRuns()) context.out().Note("no runtime runs: `smhost up` starts one");
  SMHOST_TRY_STATUS(context.out().Show(RolloutJson(state), {ResourceWord(Kind::kEndpoint, name)}, [&] { return StatusLine(name, state); }));
  return end;
}

VerbResult ShowHistory(Context& context, const RolloutOptions& options) {
  SMHOST_TRY(Json revisions, RolloutHistory(context.store(), context.account(), options.endpoint));
  std::vector<std::string> numbers;
  for (const Json& one : revisions) numbers.push_back(std::to_string(IntOr(one, "Revision")));
  SMHOST_TRY_STATUS(context.out().Show(revisions, numbers, [&] { return HistoryTable(revisions, context.clock().Wall()); }));
  return Exit::kDone;
}

void SayUndone(Context& context, const UndoneRollout& undone, const std::string& endpoint) {
  std::string note = "endpoint " + endpoint + ": the documents of revision " + std::to_string(undone.revision);
  const bool changed = std::any_of(undone.outcomes.begin(), undone.outcomes.end(),
                                   [](const Outcome& one) { return one.change != Change::kUnchanged; });
  context.out().Note(note + (changed ? " are applied again (endpoint configuration " + undone.config + ")" : " are those of now: nothing changed"));
  for (const Outcome& outcome : undone.outcomes)
    if (!outcome.note.empty()) context.out().Warn(outcome.note);
  if (!undone.other_endpoints.empty())
    context.out().Note("note: these endpoints use documents that this changed, and are updated too: " + JoinWords(undone.other_endpoints, ", "));
}

VerbResult Undo(Context& context, const RolloutOptions& options) {
  const std::int64_t before = options.wait ? EventFeed(context).Newest() : 0;
  SMHOST_TRY(UndoneRollout undone, UndoRollout(context.store(), context.account(), options.endpoint, options.revision));
  SMHOST_TRY_STATUS(ShowChanges(context, undone.outcomes, false));
  context.out().Flush();
  SayUndone(context, undone, options.endpoint);
  if (options.wait) return AwaitEndpoints(context, {options.endpoint}, options.longest(), before);
  if (!context.RuntimeRuns()) context.out().Note("no runtime runs: `smhost up` starts one, and then it is deployed");
  return Exit::kDone;
}

VerbResult AwaitAbort(Context& context, const RolloutOptions& options, std::int64_t before) {
  const std::string& name = options.endpoint;
  VerbResult end = Follow(context, {{name}, JudgeSettled, "rolled back", options.longest(), before});
  if (!end) return end;
  SMHOST_TRY(EndpointState state, StateOf(context, name));
  if (state.reason.empty())
    return FailWith(Exit::kEndedFailed, Code::kConflict,
                    "endpoint " + name + ": the deployment was done before it could be aborted; `smhost rollout undo " + name + "` goes back",
                    "endpoint/" + name);
  context.out().Note("endpoint " + name + " is " + state.status + ": " + Harmless(state.reason));
  return Exit::kDone;
}

VerbResult Abort(Context& context, const RolloutOptions& options) {
  const std::int64_t before = options.wait ? EventFeed(context).Newest() : 0;
  SMHOST_TRY(std::string id, AbortDeployment(context.store(), context.account(), options.endpoint));
  SMHOST_TRY_STATUS(context.out().Show({{"EndpointName", options.endpoint}, {"Deployment", id}}, {ResourceWord(Kind::kEndpoint, options.endpoint)},
                                       [&] { return "endpoint " + options.endpoint + " aborting deployment " + Harmless(id) + "\n"; }));
  context.out().Flush();
  if (options.wait) return AwaitAbort(context, options, before);
  if (!context.RuntimeRuns()) context.out().Note("no runtime runs: `smhost up` starts one, and then the deployment ends");
  return Exit::kDone;
}

VerbResult Rollout(Context& context, const RolloutOptions& options) {
  if (options.revision && options.action != "undo") return FailUsage("rollout " + options.action + ": --to-revision goes with undo alone");
  if (options.wait && options.action == "history") return FailUsage("rollout history: there is nothing to --wait for");
  if (options.wait && !context.RuntimeRuns() && options.action != "status") return tl::unexpected<Failure>(Failure(context.NoRuntime()));
  if (options.action == "status") return ShowStatus(context, options);
  if (options.action == "history") return ShowHistory(context, options);
  return options.action == "undo" ? Undo(context, options) : Abort(context, options);
}

}  // namespace

Command RolloutCommand() {
  auto options = std::make_shared<RolloutOptions>();
  Command command;
  command.name = "rollout";
  command.group = "Resources";
  command.summary = "show, abort or undo the updates of an endpoint";
  command.description =
      "status: how far the endpoint's deployment is; with --wait until it has ended. history: what was deployed, and what came of "
      "it. undo: applies the documents of the last other deployment that succeeded, or those of a revision of the history, as a new "
      "deployment by the endpoint's present DeploymentConfig. abort: ends the deployment that runs; all traffic returns to the "
      "fleet before.";
  command.example =
      "smhost rollout status vad --wait\n"
      "smhost rollout history vad\n"
      "smhost rollout undo vad --to-revision 3 --wait\n"
      "smhost rollout abort vad";
  command.positionals = {
      {"ACTION", "status, history, undo or abort", &options->action, true, Complete::kChoice, {"status", "history", "undo", "abort"}},
      {"ENDPOINT", "its name", &options->endpoint, true, Complete::kEndpoint}};
  command.options = {
      {"--to-revision", "N", "undo: the number that history shows; default: the last other one that succeeded", &options->revision},
      {"-w,--wait", "", "status, undo: until the deployment is done; exit code 5 when it failed or went back. abort: until all traffic has returned",
       &options->wait},
      {"--timeout", "SPAN", "how long --wait waits at most; default 120s, then exit code 6", &options->timeout},
  };
  command.run = [options](Context& context) { return Rollout(context, *options); };
  return command;
}

}  // namespace smhost::cli
