#include "controller/alarms.h"

#include <algorithm>

namespace smhost {
namespace {

using std::chrono::seconds;
constexpr seconds kPeriod{kSeriesPeriodSeconds};
constexpr seconds kLongestStep{60};  // CloudWatch looks at alarms with longer periods once a minute

// The multiple of 10 s nearest to it: timers are a little late, or early by a clock that is being slewed.
WallTime NearestEnd(WallTime now) {
  const auto since = std::chrono::duration_cast<seconds>(now.time_since_epoch() + kPeriod / 2);
  return WallTime(since - since % kPeriod);
}

AlarmRule RuleOf(const AlarmView& view) {
  AlarmRule rule;
  rule.comparison = FindAlarmComparison(view.comparison).value_or(rule.comparison);
  rule.threshold = view.threshold;
  rule.evaluation_periods = view.evaluation_periods;
  rule.datapoints_to_alarm = view.datapoints_to_alarm;
  rule.missing = FindMissingData(view.missing).value_or(rule.missing);
  return rule;
}

// As CloudWatch writes it: a text that holds JSON.
std::string ReasonData(const AlarmView& view, const AlarmVerdict& verdict, const std::string& now) {
  return CompactJson({{"version", "1.0"},
                      {"queryDate", now},
                      {"statistic", view.statistic},
                      {"period", view.period_seconds},
                      {"recentDatapoints", verdict.recent},
                      {"threshold", view.threshold}});
}

}  // namespace

Alarms::Alarms(EventLoop& loop, Files& files, const Clock& clock, Store& store, const Home& home,
               std::function<void()> changed, Note note)
    : loop_(loop),
      files_(files),
      clock_(clock),
      store_(store),
      home_(home),
      changed_(std::move(changed)),
      note_(std::move(note)),
      series_file_(files, home.Series()),
      requests_(files, home) {
  OpenCounters();
  end_ = NearestEnd(clock_.Wall());
  series_file_.Load(series_, end_);
  if (!series_.begun()) SampleCounters();
  Arm();
}

Alarms::~Alarms() {
  loop_.Cancel(timer_);
  loop_.Cancel(fresh_timer_);
}

void Alarms::OpenCounters() {
  auto opened = Counters::Open(home_.Counters());
  if (!opened) return note_("", "", "CountersNotOpened", opened.error().message + "; tried again in 10 s", true);
  if (!opened->note().empty()) note_("", "", "CountersReplaced", opened->note(), true);
  counters_ = std::move(*opened);
  counters_open_ = true;
}

void Alarms::Arm() {
  const auto into = clock_.Wall().time_since_epoch() % kPeriod;
  auto wait = std::chrono::duration_cast<Duration>(kPeriod - into);
  // One period must not be counted as two because its timer came early.
  if (wait < kPeriod / 2) wait += kPeriod;
  timer_ = loop_.After(wait, [this] {
    Sample();
    Arm();
  });
}

void Alarms::SampleCounters() {
  SeriesSample now;
  for (const auto& [key, slot] : counters_.All()) now.emplace_back(key, Read(*slot));
  const SeriesSample changed = series_.Sample(now);
  const auto kept = series_file_.Append(changed, series_, end_);
  if (!kept && !series_failed_)
    note_("", "", "SeriesNotWritten", kept.error().message + "; the next controller will not know these values", true);
  series_failed_ = !kept;
}

void Alarms::Sample() {
  if (!counters_open_) OpenCounters();
  end_ = NearestEnd(clock_.Wall());
  SampleCounters();
  if (routed_) counters_.Release(*routed_, clock_.Monotonic());
  ReadCustomMetrics();
  bool other = TakeRequests();
  for (auto& [key, alarm] : alarms_)
    if (!std::exchange(alarm.told, false) && (alarm.fresh || IsDue(alarm))) other |= Evaluate(key, alarm);
  if (other) changed_();
}

void Alarms::ReadCustomMetrics() {
  std::map<std::string, std::set<MetricId>> wanted;
  for (const auto& [key, alarm] : alarms_)
    if (!alarm.view.metric.empty() && !IsAwsNamespace(alarm.view.metric_namespace)) wanted[key.first].insert(MetricIdOf(alarm.resource.properties));
  std::erase_if(custom_, [&](const auto& one) { return !wanted.contains(one.first); });
  for (const auto& [account, ids] : wanted) {
    CustomMetrics& metrics = custom_.try_emplace(account, files_, clock_, home_, account).first->second;
    metrics.Want(ids);
    metrics.Refresh();
  }
}

bool Alarms::TakeRequests() {
  std::set<std::string> accounts;
  for (const auto& [key, alarm] : alarms_) accounts.insert(key.first);
  bool other = false;
  for (const std::string& account : accounts)
    requests_.Take(account, [&](const std::string& name, const AlarmRequest& request) { return TakeRequest({account, name}, request, other); });
  return other;
}

bool Alarms::TakeRequest(const Key& key, const AlarmRequest& request, bool& other) {
  const auto found = alarms_.find(key);
  // One of an alarm that this controller has not been told of yet stays.
  if (found == alarms_.end()) return !store_.Get(key.first, Kind::kAlarm, key.second);
  Alarm& alarm = found->second;
  const auto state = FindAlarmState(request.state);
  if (alarm.resource.uid != request.uid || !state) return true;
  const auto kept = store_.PutStatus(key.first, Kind::kAlarm, key.second,
                                     {{"AlarmUid", request.uid},
                                      {"StateValue", request.state},
                                      {"StateReason", request.reason},
                                      {"StateReasonData", request.reason_data},
                                      {"StateUpdatedTimestamp", request.time},
                                      {"StateTransitionedTimestamp", request.time}});
  if (!kept) return false;
  if (alarm.state != *state)
    note_(key.first, key.second, "AlarmStateChanged", std::string(AlarmStateName(alarm.state)) + " to " + request.state + ": " + request.reason,
          *state == AlarmState::kAlarm);
  other |= alarm.state != *state;
  alarm.state = *state;
  alarm.fresh = false;
  alarm.told = true;
  return true;
}

bool Alarms::IsDue(const Alarm& alarm) const {
  const seconds step = std::min(seconds(alarm.view.period_seconds), kLongestStep);
  return end_.time_since_epoch() % step == Duration(0);
}

void Alarms::EvaluateFresh() {
  ReadCustomMetrics();
  bool other = false;
  for (auto& [key, alarm] : alarms_)
    if (alarm.fresh) other |= Evaluate(key, alarm);
  if (other) changed_();
}

void Alarms::SetDocuments(const std::string& account, const std::vector<Resource>& alarms) {
  std::set<std::string> names;
  bool fresh = false;
  for (const Resource& resource : alarms) {
    names.insert(resource.name);
    auto [it, made] = alarms_.try_emplace({account, resource.name});
    Alarm& alarm = it->second;
    const bool other = made || alarm.resource.uid != resource.uid;
    if (!other && alarm.resource.generation == resource.generation) continue;
    alarm.resource = resource;
    alarm.view = ViewAlarm(resource.properties);
    alarm.fresh = fresh = true;
    if (other) ReadState(it->first, alarm);
  }
  for (auto it = alarms_.begin(); it != alarms_.end();) {
    if (it->first.first != account || names.count(it->first.second) != 0) {
      ++it;
      continue;
    }
    (void)store_.RemoveStatus(account, Kind::kAlarm, it->first.second);
    it = alarms_.erase(it);
  }
  if (!fresh) return;
  loop_.Cancel(fresh_timer_);
  fresh_timer_ = loop_.After(Duration(0), [this] { EvaluateFresh(); });
}

void Alarms::ReadState(const Key& key, Alarm& alarm) {
  alarm.state = AlarmState::kInsufficientData;
  const auto status = store_.GetStatus(key.first, Kind::kAlarm, key.second);
  if (!status || StringOr(*status, "AlarmUid") != alarm.resource.uid) return;
  alarm.state = FindAlarmState(StringOr(*status, "StateValue")).value_or(alarm.state);
}

std::vector<std::optional<double>> Alarms::ValuesOf(const Key& key, const Alarm& alarm, std::size_t range) const {
  const AlarmView& view = alarm.view;
  if (view.metric_namespace == "AWS/SageMaker" && !view.other_dimensions)
    return series_.Query({{key.first, view.endpoint, view.variant, view.config}, view.metric, view.statistic, view.period_seconds}, range);
  const auto custom = custom_.find(key.first);
  if (custom == custom_.end() || IsAwsNamespace(view.metric_namespace)) return std::vector<std::optional<double>>(range);
  const std::int64_t end = std::chrono::duration_cast<seconds>(end_.time_since_epoch()).count();
  return custom->second.Query(MetricIdOf(alarm.resource.properties), view.statistic, view.period_seconds, range, end);
}

bool Alarms::Evaluate(const Key& key, Alarm& alarm) {
  const AlarmView& view = alarm.view;
  const AlarmRule rule = RuleOf(view);
  alarm.fresh = false;
  const std::size_t range = EvaluationRange(rule);
  const std::vector<std::optional<double>> values = ValuesOf(key, alarm, range);
  std::vector<AlarmPoint> points;
  for (std::size_t i = 0; i < range; ++i)
    points.push_back({values[i], end_ - seconds(view.period_seconds) * static_cast<std::int64_t>(range - i)});
  const AlarmVerdict verdict = EvaluateAlarm(rule, points, alarm.state);
  if (verdict.state == alarm.state) return false;
  note_(key.first, key.second, "AlarmStateChanged",
        std::string(AlarmStateName(alarm.state)) + " to " + AlarmStateName(verdict.state) + ": " + verdict.reason,
        verdict.state == AlarmState::kAlarm);
  alarm.state = verdict.state;
  Keep(key, alarm, verdict);
  return true;
}

void Alarms::Keep(const Key& key, const Alarm& alarm, const AlarmVerdict& verdict) {
  const std::string now = FormatIso8601(clock_.Wall());
  const auto kept = store_.PutStatus(key.first, Kind::kAlarm, key.second,
                                     {{"AlarmUid", alarm.resource.uid},
                                      {"StateValue", AlarmStateName(verdict.state)},
                                      {"StateReason", verdict.reason},
                                      {"StateReasonData", ReasonData(alarm.view, verdict, now)},
                                      {"StateUpdatedTimestamp", now},
                                      {"StateTransitionedTimestamp", now}});
  if (!kept) note_(key.first, key.second, "AlarmStateNotWritten", kept.error().message, true);
}

std::map<std::string, AlarmState> Alarms::StatesOf(const std::string& account) const {
  std::map<std::string, AlarmState> states;
  for (const auto& [key, alarm] : alarms_)
    if (key.first == account) states[key.second] = alarm.state;
  return states;
}

}  // namespace smhost
