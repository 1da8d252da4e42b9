#include "rollout_text.h"

#include <cstdio>

#include "table.h"
#include "text.h"
#include "time_text.h"

namespace smhost::cli {
namespace {

const Json& DeploymentOf(const EndpointState& state) { return MemberOr(MemberOr(state.describe, "Smhost"), "Deployment"); }

std::string Percent(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g %%", percent);
  return text;
}

// "2026-01-31T12:00:31.000Z" -> "12:00:31", as the lines of events have it.
std::string ClockOf(const std::string& iso8601) { return iso8601.size() < 19 ? "" : iso8601.substr(11, 8); }

std::string StageWords(const std::string& stage, const Json& deployment, bool shifted) {
  if (stage == "Fetching") return "fetching its model";
  if (stage == "Starting") return shifted ? "starting more of its instances" : "starting its instances";
  if (stage == "Shifting") return "the gateway takes the routes";
  if (stage == "RollingBack") return "going back";
  if (stage != "Baking") return stage;
  const std::string until = ClockOf(StringOr(deployment, "BakingUntil"));
  return until.empty() ? "baking" : "baking until " + until;
}

}  // namespace

std::string DeploymentText(const EndpointState& state) {
  const Json& deployment = DeploymentOf(state);
  if (!deployment.is_object()) return "";
  const std::int64_t step = IntOr(deployment, "Step");
  std::string text = "step " + std::to_string(step) + " of " + std::to_string(IntOr(deployment, "Steps"));
  text += ", " + Percent(DoubleOr(deployment, "TrafficPercent")) + " of requests go to " + StringOr(deployment, "EndpointConfigName");
  const std::string words = StageWords(state.stage, deployment, step > 0);
  if (!words.empty()) text += ", " + words;
  return Harmless(text + " (" + StringOr(deployment, "Policy") + ")");
}

std::string ProgressText(const std::string& name, const EndpointState& state) {
  std::string text = "endpoint " + name + ": " + (state.exists ? state.status : "deleted");
  if (const std::string deployment = DeploymentText(state); !deployment.empty() && state.wanted) return text + ", " + deployment;
  return state.stage.empty() ? text : text + " (" + Harmless(state.stage) + ")";
}

Json RolloutJson(const EndpointState& state) {
  Json out = Json::object();
  for (const char* member : {"EndpointName", "EndpointArn", "EndpointStatus", "EndpointConfigName", "FailureReason"})
    if (state.describe.contains(member)) out[member] = state.describe[member];
  const Json& ours = MemberOr(state.describe, "Smhost");
  for (const char* member : {"Stage", "Deployment"})
    if (!MemberOr(ours, member).is_null()) out[member] = ours[member];
  return out;
}

std::string HistoryTable(const Json& revisions, WallTime now) {
  Table table({"REVISION", "CONFIG", "POLICY", "OUTCOME", "STARTED", "REASON"});
  for (const Json& one : revisions) {
    const std::string reason = Harmless(StringOr(one, "Reason"));
    table.Add({std::to_string(IntOr(one, "Revision")), Harmless(StringOr(one, "EndpointConfigName")), Harmless(StringOr(one, "Policy")),
               Harmless(StringOr(one, "Outcome")), Age(StringOr(one, "StartTime"), now) + " ago", reason.empty() ? "-" : reason});
  }
  return table.Text();
}

}  // namespace smhost::cli
