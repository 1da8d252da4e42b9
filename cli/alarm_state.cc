#include "alarm_state.h"

#include "time_text.h"
#include "watch.h"

namespace smhost::cli {
namespace {

using std::chrono::milliseconds;

// The lock of a runtime that was killed tells nobody: it is looked at this often.
constexpr milliseconds kLookAgain{1000};

}  // namespace

Json AlarmJson(const Resource& alarm, const Json& status) {
  Json out = alarm.properties;
  out.erase("Tags");  // AWS: ListTagsForResource has them
  out["AlarmName"] = alarm.name;
  out["AlarmArn"] = alarm.arn;
  out["AlarmConfigurationUpdatedTimestamp"] = alarm.last_modified_time;
  out["ActionsEnabled"] = BoolOr(alarm.properties, "ActionsEnabled", true);
  for (const char* list : {"OKActions", "AlarmActions", "InsufficientDataActions"})
    if (!out.contains(list)) out[list] = Json::array();
  out["StateValue"] = StringOr(status, "StateValue", "INSUFFICIENT_DATA");
  out["StateReason"] = StringOr(status, "StateReason", "Unchecked: Initial alarm creation");
  out["StateUpdatedTimestamp"] = StringOr(status, "StateUpdatedTimestamp", alarm.creation_time);
  out["StateTransitionedTimestamp"] = StringOr(status, "StateTransitionedTimestamp", alarm.creation_time);
  if (const std::string data = StringOr(status, "StateReasonData"); !data.empty()) out["StateReasonData"] = data;
  return out;
}

Json ReadAlarm(Context& context, const Resource& alarm) {
  // A status that was torn is written again; one of an alarm deleted before under this name is not ours.
  auto status = context.store().GetStatus(context.account(), Kind::kAlarm, alarm.name);
  const bool ours = status && StringOr(*status, "AlarmUid") == alarm.uid;
  return AlarmJson(alarm, ours ? *status : Json());
}

Result<Json> ReadAlarm(Context& context, const std::string& name) {
  SMHOST_TRY(Resource alarm, context.store().Get(context.account(), Kind::kAlarm, name));
  return ReadAlarm(context, alarm);
}

const std::vector<std::string>& AlarmStates() {
  static const std::vector<std::string> kAll = {"OK", "ALARM", "INSUFFICIENT_DATA"};
  return kAll;
}

VerbResult AwaitAlarm(Context& context, const std::string& name, const std::string& state, milliseconds timeout) {
  FolderWatch watch;
  SMHOST_TRY(Json first, ReadAlarm(context, name));  // one that was never there is not found
  const std::string status = FolderOf(context.home().Status(context.account(), InfoOf(Kind::kAlarm).word, "x"));
  if (context.RuntimeRuns() && context.files().MakeFolders(status, 0700)) watch.Add(status);
  watch.Add(FolderOf(context.home().Resource(context.account(), InfoOf(Kind::kAlarm).word, "x")));
  const std::string label = std::string("alarm/") + name;
  for (const auto end = context.clock().Monotonic() + timeout;;) {
    auto alarm = ReadAlarm(context, name);
    if (!alarm && alarm.error().code == Code::kNotFound)
      return FailWith(Exit::kEndedFailed, Code::kConflict, "alarm " + name + " was deleted; it cannot become " + state, label);
    if (!alarm) return tl::unexpected<Failure>(Failure(alarm.error()));
    const std::string now = StringOr(*alarm, "StateValue");
    if (now == state) return Exit::kDone;
    if (!context.RuntimeRuns()) return tl::unexpected<Failure>(Failure(context.NoRuntime()));
    const auto left = std::chrono::ceil<milliseconds>(end - context.clock().Monotonic());
    if (left.count() <= 0)
      return FailWith(Exit::kTimedOut, Code::kTimedOut,
                      "alarm " + name + " is " + now + " after " +
                          FormatSpan(std::chrono::duration_cast<std::chrono::seconds>(timeout)) + ", not " + state + ": " +
                          StringOr(*alarm, "StateReason"),
                      label);
    context.out().Progress("alarm " + name + " is " + now);
    watch.Wait(std::min(left, kLookAgain));
  }
}

}  // namespace smhost::cli
