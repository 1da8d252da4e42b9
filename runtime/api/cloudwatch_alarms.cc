// CloudwatchService: alarms.
#include <algorithm>
#include <set>

#include "api/cloud_result.h"
#include "api/cloudwatch_service.h"
#include "planning/alarms.h"
#include "resources/effects.h"
#include "resources/name.h"
#include "resources/validate.h"
#include "state/history.h"
#include "telemetry/metric_data.h"

namespace smhost {
namespace {

constexpr const char* kFirstReason = "Unchecked: Initial alarm creation";
constexpr std::int64_t kAlarmsAtMost = 100;

tl::unexpected<ApiError> NoAlarm(const std::string& name) { return ApiFail("ResourceNotFound", "Unknown alarm: " + name, 404); }

ApiError FaultError(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) {
    Fault shown = fault;
    if (shown.path.rfind("Properties.", 0) == 0) shown.path = shown.path.substr(11);
    text += (text.empty() ? "" : "; ") + Describe(shown);
  }
  return {"ValidationError", text};
}

// Members of the operation that no document has.
std::optional<ApiError> RefuseUnbuilt(const Json& input) {
  for (const char* member : {"EvaluationWindow", "WarmUpConfiguration", "EvaluationCriteria", "EvaluationInterval", "ActionConfiguration"})
    if (input.contains(member)) return ApiError{"ValidationError", std::string(member) + " cannot be used by this build: leave it out."};
  return std::nullopt;
}

bool Holds(const Json& list, const std::string& text) { return std::find(list.begin(), list.end(), text) != list.end(); }

bool HasAction(const Json& properties, const std::string& prefix) {
  for (const char* member : {"AlarmActions", "OKActions", "InsufficientDataActions"})
    for (const Json& action : MemberOr(properties, member))
      if (action.is_string() && action.get_ref<const std::string&>().rfind(prefix, 0) == 0) return true;
  return false;
}

bool Matches(const Json& input, const Resource& alarm, const Json& shown) {
  const Json& names = MemberOr(input, "AlarmNames");
  if (names.is_array() && !names.empty() && !Holds(names, alarm.name)) return false;
  if (alarm.name.rfind(StringOr(input, "AlarmNamePrefix"), 0) != 0) return false;
  if (const std::string state = StringOr(input, "StateValue"); !state.empty() && StringOr(shown, "StateValue") != state) return false;
  const std::string action = StringOr(input, "ActionPrefix");
  return action.empty() || HasAction(alarm.properties, action);
}

}  // namespace

Json CloudwatchService::ShowAlarm(const Request& request, const Resource& alarm) {
  Json shown = alarm.properties;
  shown.erase("Tags");
  for (const char* list : {"AlarmActions", "OKActions", "InsufficientDataActions", "Dimensions"})
    if (!shown.contains(list)) shown[list] = Json::array();
  if (!shown.contains("ActionsEnabled")) shown["ActionsEnabled"] = true;
  shown["AlarmArn"] = alarm.arn;
  shown["AlarmConfigurationUpdatedTimestamp"] = alarm.last_modified_time;
  shown["StateValue"] = AlarmStateName(AlarmState::kInsufficientData);
  shown["StateReason"] = kFirstReason;
  shown["StateUpdatedTimestamp"] = shown["StateTransitionedTimestamp"] = alarm.creation_time;
  // First the state that a client gave: the controller writes its status before it removes that.
  if (const auto given = requests_.Get(request.caller.account, alarm.name); given && given->uid == alarm.uid) {
    shown["StateValue"] = given->state;
    shown["StateReason"] = given->reason;
    if (!given->reason_data.empty()) shown["StateReasonData"] = given->reason_data;
    shown["StateUpdatedTimestamp"] = shown["StateTransitionedTimestamp"] = given->time;
    return shown;
  }
  const auto status = context_.store.GetStatus(request.caller.account, Kind::kAlarm, alarm.name);
  if (!status || StringOr(*status, "AlarmUid") != alarm.uid) return shown;
  for (const char* member : {"StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp"})
    if (const std::string text = StringOr(*status, member); !text.empty()) shown[member] = text;
  return shown;
}

ApiResult<std::vector<Resource>> CloudwatchService::AllAlarms(const Request& request) {
  auto listing = context_.store.List(request.caller.account, Kind::kAlarm);
  if (!listing) return ApiFail(listing.error());
  return std::move(listing->resources);
}

ApiResult<Json> CloudwatchService::ChangeAlarm(const Request& request, const Resource& alarm, const Json& properties) {
  ApplyOptions options;
  options.expected_generations[{Kind::kAlarm, alarm.name}] = alarm.generation;
  const auto applied = context_.store.Apply(request.caller.account, {{Kind::kAlarm, alarm.name, properties}}, options);
  if (!applied) return ApiFail(applied.error());
  return Json();
}

ApiResult<Json> CloudwatchService::PutMetricAlarm(const Request& request) {
  const std::string name = StringOr(request.input, "AlarmName");
  SMHOST_API_CHECK(May(request, AlarmArn(request, name)));
  SMHOST_API_CHECK(RefuseUnbuilt(request.input));
  Document document{Kind::kAlarm, name, request.input};
  auto faults = Validate(document);
  if (faults.empty()) faults = Unsupported(document);
  if (!faults.empty()) return tl::unexpected<ApiError>(FaultError(faults));
  const auto stored = context_.store.Get(request.caller.account, Kind::kAlarm, name);
  if (!stored && stored.error().code != Code::kNotFound) return ApiFail(stored.error());
  // Tags are given when an alarm is made; later ones by TagResource.
  if (stored) {
    document.properties.erase("Tags");
    if (stored->properties.contains("Tags")) document.properties["Tags"] = stored->properties.at("Tags");
    return ChangeAlarm(request, *stored, document.properties);
  }
  const auto applied = context_.store.Apply(request.caller.account, {document});
  if (!applied) return ApiFail(applied.error());
  return Json();
}

ApiResult<Json> CloudwatchService::DescribeAlarms(const Request& request) {
  SMHOST_API_CHECK(May(request, "arn:aws:cloudwatch:" + context_.region + ":" + request.caller.account + ":alarm:*"));
  const Json& input = request.input;
  for (const char* member : {"ChildrenOfAlarmName", "ParentsOfAlarmName"})
    if (input.contains(member)) return ApiFail("ValidationError", std::string(member) + " cannot be used by this build: there are no composite alarms.");
  if (!MemberOr(input, "AlarmNames").empty() && input.contains("AlarmNamePrefix"))
    return ApiFail("InvalidParameterCombination", "AlarmNamePrefix and AlarmNames are mutually exclusive");
  const std::string after = StringOr(input, "NextToken");
  if (!after.empty() && !IsName(after)) return ApiFail("InvalidNextToken", "The token is not one of DescribeAlarms.");
  Json output = {{"MetricAlarms", Json::array()}, {"CompositeAlarms", Json::array()}};
  const Json& types = MemberOr(input, "AlarmTypes");
  if (types.is_array() && !types.empty() && !Holds(types, "MetricAlarm")) return output;
  SMHOST_API_TRY(const std::vector<Resource> alarms, AllAlarms(request));
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(IntOr(input, "MaxRecords", 50), 1, kAlarmsAtMost));
  Json& list = output["MetricAlarms"];
  for (const Resource& alarm : alarms) {
    if (alarm.name <= after) continue;
    const Json shown = ShowAlarm(request, alarm);
    if (!Matches(input, alarm, shown)) continue;
    if (list.size() == most) {
      output["NextToken"] = list.back().at("AlarmName");
      break;
    }
    list.push_back(shown);
  }
  return output;
}

ApiResult<Json> CloudwatchService::DescribeAlarmsForMetric(const Request& request) {
  SMHOST_API_CHECK(May(request, "arn:aws:cloudwatch:" + context_.region + ":" + request.caller.account + ":alarm:*"));
  const MetricId wanted = MetricIdOf(request.input);
  SMHOST_API_TRY(const std::vector<Resource> alarms, AllAlarms(request));
  Json list = Json::array();
  for (const Resource& alarm : alarms) {
    if (MetricIdOf(alarm.properties) != wanted) continue;
    bool fits = true;
    for (const char* member : {"Statistic", "ExtendedStatistic", "Period", "Unit"})
      if (request.input.contains(member) && MemberOr(alarm.properties, member) != request.input.at(member)) fits = false;
    if (fits) list.push_back(ShowAlarm(request, alarm));
  }
  return Json{{"MetricAlarms", list}};
}

ApiResult<Json> CloudwatchService::SetAlarmState(const Request& request) {
  const std::string name = StringOr(request.input, "AlarmName");
  SMHOST_API_CHECK(May(request, AlarmArn(request, name)));
  const std::string data = StringOr(request.input, "StateReasonData");
  if (!data.empty() && !ParseJson(data, "StateReasonData", 4000)) return ApiFail("InvalidFormat", "StateReasonData is not valid JSON");
  const auto alarm = IsName(name) ? context_.store.Get(request.caller.account, Kind::kAlarm, name) : Result<Resource>(Fail(Code::kNotFound, ""));
  if (!alarm && alarm.error().code != Code::kNotFound) return ApiFail(alarm.error());
  if (!alarm) return ApiFail("ResourceNotFound", "", 404);
  const Status put = requests_.Put(request.caller.account, name,
                                   {alarm->uid, StringOr(request.input, "StateValue"), StringOr(request.input, "StateReason"), data,
                                    FormatIso8601(context_.clock.Wall())});
  if (!put) return ApiFail(put.error());
  return Json();
}

ApiResult<Json> CloudwatchService::DeleteAlarms(const Request& request) {
  const Json& names = MemberOr(request.input, "AlarmNames");
  for (const Json& name : names) SMHOST_API_CHECK(May(request, AlarmArn(request, name.get<std::string>())));
  for (const Json& one : names) {
    const std::string name = one.get<std::string>();
    const Status removed = IsName(name) ? context_.store.Delete(request.caller.account, Kind::kAlarm, name).map([](const Resource&) {}) : Status();
    // One that does not exist is passed over, as in AWS.
    if (!removed && removed.error().code != Code::kNotFound) return ApiFail(removed.error());
  }
  return Json();
}

ApiResult<Json> CloudwatchService::SwitchActions(const Request& request, bool enabled) {
  const Json& names = MemberOr(request.input, "AlarmNames");
  for (const Json& name : names) SMHOST_API_CHECK(May(request, AlarmArn(request, name.get<std::string>())));
  for (const Json& one : names) {
    const std::string name = one.get<std::string>();
    const auto alarm = IsName(name) ? context_.store.Get(request.caller.account, Kind::kAlarm, name) : Result<Resource>(Fail(Code::kNotFound, ""));
    if (!alarm && alarm.error().code == Code::kNotFound) return NoAlarm(name);
    if (!alarm) return ApiFail(alarm.error());
    Json properties = alarm->properties;
    if (BoolOr(properties, "ActionsEnabled", true) == enabled) continue;
    properties["ActionsEnabled"] = enabled;
    SMHOST_API_TRY(const Json done, ChangeAlarm(request, *alarm, properties));
  }
  return Json();
}

ApiResult<Json> CloudwatchService::DescribeAlarmHistory(const Request& request) {
  const Json& input = request.input;
  const std::string name = StringOr(input, "AlarmName"), type = StringOr(input, "HistoryItemType"), token = StringOr(input, "NextToken");
  SMHOST_API_CHECK(May(request, AlarmArn(request, name.empty() ? "*" : name)));
  if (token.find_first_not_of("0123456789") != std::string::npos || token.size() > 6) return ApiFail("InvalidNextToken", "The token is not one of DescribeAlarmHistory.");
  Json items = Json::array();
  if (!type.empty() && type != "StateUpdate") return Json{{"AlarmHistoryItems", items}};
  auto history = History::OpenForReading(context_.clock, context_.home);
  if (!history) return ApiFail(history.error());
  EventQuery query;
  query.account = request.caller.account;
  query.kind = "alarm";
  if (!name.empty()) query.name = name;
  query.limit = 10'000;
  const auto events = history->Query(query);
  if (!events) return ApiFail(events.error());
  const auto seconds = [](const std::string& time) { return std::chrono::duration<double>(ParseIso8601(time).time_since_epoch()).count(); };
  for (const Event& event : *events) {
    if (event.reason != "AlarmStateChanged") continue;
    if (input.contains("StartDate") && seconds(event.time) < DoubleOr(input, "StartDate")) continue;
    if (input.contains("EndDate") && seconds(event.time) > DoubleOr(input, "EndDate")) continue;
    // "OK to ALARM: why"
    const std::size_t to = event.message.find(" to "), colon = event.message.find(": ");
    if (to == std::string::npos || colon == std::string::npos || to > colon) continue;
    const std::string from = event.message.substr(0, to), state = event.message.substr(to + 4, colon - to - 4);
    const Json data = {{"version", "1.0"}, {"oldState", {{"stateValue", from}}}, {"newState", {{"stateValue", state}, {"stateReason", event.message.substr(colon + 2)}}}};
    items.push_back({{"AlarmName", event.name},
                     {"AlarmType", "MetricAlarm"},
                     {"Timestamp", event.time},
                     {"HistoryItemType", "StateUpdate"},
                     {"HistorySummary", "Alarm updated from " + from + " to " + state},
                     {"HistoryData", CompactJson(data)}});
  }
  if (StringOr(input, "ScanBy", "TimestampDescending") == "TimestampDescending") std::reverse(items.begin(), items.end());
  const std::size_t begin = token.empty() ? 0 : std::min<std::size_t>(std::stoul(token), items.size());
  const std::size_t end = std::min<std::size_t>(begin + static_cast<std::size_t>(std::clamp<std::int64_t>(IntOr(input, "MaxRecords", 100), 1, 100)), items.size());
  Json output = {{"AlarmHistoryItems", Json(Json::array_t(items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end)))}};
  if (end < items.size()) output["NextToken"] = std::to_string(end);
  return output;
}

}  // namespace smhost
