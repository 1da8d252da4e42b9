#include "planning/alarms.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace smhost {
namespace {

// CloudWatch does not tell how far it looks; its examples with 3 periods look at 5.
constexpr int kPeriodsLookedAtMore = 2;

bool Breaches(const AlarmRule& rule, double value) {
  switch (rule.comparison) {
    case AlarmComparison::kGreaterThanOrEqualToThreshold:
      return value >= rule.threshold;
    case AlarmComparison::kGreaterThanThreshold:
      return value > rule.threshold;
    case AlarmComparison::kLessThanThreshold:
      return value < rule.threshold;
    case AlarmComparison::kLessThanOrEqualToThreshold:
      return value <= rule.threshold;
  }
  return false;
}

const char* ComparisonText(AlarmComparison comparison) {
  switch (comparison) {
    case AlarmComparison::kGreaterThanOrEqualToThreshold:
      return "greater than or equal to";
    case AlarmComparison::kGreaterThanThreshold:
      return "greater than";
    case AlarmComparison::kLessThanThreshold:
      return "less than";
    case AlarmComparison::kLessThanOrEqualToThreshold:
      return "less than or equal to";
  }
  return "";
}

std::string NumberText(double value) {
  char text[32];
  std::string shown(text, std::to_chars(text, text + sizeof text, value).ptr);
  if (shown.find_first_of(".en") == std::string::npos) shown += ".0";
  return shown;
}

std::string TimeText(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%d/%m/%y %H:%M:%S", &parts);
  return text;
}

std::string Count(std::size_t count, const char* what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); }

// The real points that count, newest first, and how many missing ones are filled in.
struct Evidence {
  std::vector<AlarmPoint> points;
  std::size_t breaching = 0, filled = 0;
  std::size_t oldest_breach = 0;  // its place, the newest period's being 1
};

Evidence Gather(const AlarmRule& rule, const std::vector<AlarmPoint>& points) {
  Evidence evidence;
  const auto wanted = static_cast<std::size_t>(rule.evaluation_periods);
  std::size_t place = 0;
  for (auto point = points.rbegin(); point != points.rend() && evidence.points.size() < wanted; ++point) {
    ++place;
    if (!point->value) continue;
    evidence.points.push_back(*point);
    if (!Breaches(rule, *point->value)) continue;
    ++evidence.breaching;
    evidence.oldest_breach = place;
  }
  evidence.filled = wanted - evidence.points.size();
  return evidence;
}

AlarmState Decide(const AlarmRule& rule, const Evidence& evidence, AlarmState previous) {
  const auto needed = static_cast<std::size_t>(rule.datapoints_to_alarm);
  const std::size_t as_breaching = rule.missing == MissingData::kBreaching ? evidence.filled : 0;
  if (evidence.breaching + as_breaching >= needed) return AlarmState::kAlarm;
  if (rule.missing == MissingData::kBreaching || rule.missing == MissingData::kNotBreaching || evidence.filled == 0)
    return AlarmState::kOk;
  if (evidence.points.empty()) return rule.missing == MissingData::kIgnore ? previous : AlarmState::kInsufficientData;
  if (evidence.breaching < evidence.points.size()) return AlarmState::kOk;
  // Breaching points alone, fewer than are needed. An old one with nothing good after it is enough; after a new one a good
  // one may still come.
  return rule.missing == MissingData::kMissing && evidence.oldest_breach >= needed ? AlarmState::kAlarm : previous;
}

std::string List(const std::vector<AlarmPoint>& points) {
  std::string list;
  for (const AlarmPoint& point : points)
    list += (list.empty() ? "" : ", ") + NumberText(*point.value) + " (" + TimeText(point.begin) + ")";
  return "[" + list + "]";
}

std::string Filled(const AlarmRule& rule, const Evidence& evidence) {
  return Count(evidence.filled, "missing datapoint") + (evidence.filled == 1 ? " was" : " were") + " treated as [" +
         (rule.missing == MissingData::kBreaching ? "Breaching" : "NonBreaching") + "]";
}

std::string Explain(const AlarmRule& rule, const Evidence& evidence, AlarmState state) {
  const bool fills = evidence.filled > 0 && (rule.missing == MissingData::kBreaching || rule.missing == MissingData::kNotBreaching);
  if (evidence.points.empty()) {
    const auto periods = static_cast<std::size_t>(rule.evaluation_periods);
    if (!fills) return "Insufficient Data: " + Count(periods, "datapoint") + (periods == 1 ? " was" : " were") + " unknown.";
    return "Threshold Crossed: no datapoints were received for " + Count(periods, "period") + " and " + Filled(rule, evidence) + ".";
  }
  const bool alarm = state == AlarmState::kAlarm;
  const std::size_t shown = alarm ? evidence.breaching : evidence.points.size() - evidence.breaching;
  const std::string verb = std::string(shown == 1 ? " was " : " were ") + (alarm ? "" : "not ");
  std::string text = "Threshold Crossed: " + std::to_string(shown) + " out of the last " +
                     std::to_string(evidence.points.size()) + " datapoints " + List(evidence.points) + verb +
                     ComparisonText(rule.comparison) + " the threshold (" + NumberText(rule.threshold) + ")";
  if (fills) text += " and " + Filled(rule, evidence);
  const auto needed = static_cast<std::size_t>(alarm ? rule.datapoints_to_alarm
                                                     : rule.evaluation_periods - rule.datapoints_to_alarm + 1);
  return text + " (minimum " + Count(needed, "datapoint") + " for " + (alarm ? "OK -> ALARM" : "ALARM -> OK") + " transition).";
}

template <typename Value, std::size_t kSize>
std::optional<Value> Find(const std::pair<const char*, Value> (&table)[kSize], const std::string& name) {
  for (const auto& [word, value] : table)
    if (name == word) return value;
  return std::nullopt;
}

}  // namespace

std::size_t EvaluationRange(const AlarmRule& rule) {
  return static_cast<std::size_t>(rule.evaluation_periods + kPeriodsLookedAtMore);
}

AlarmVerdict EvaluateAlarm(const AlarmRule& rule, const std::vector<AlarmPoint>& points, AlarmState previous) {
  const Evidence evidence = Gather(rule, points);
  AlarmVerdict verdict;
  verdict.state = Decide(rule, evidence, previous);
  verdict.reason = Explain(rule, evidence, verdict.state);
  for (const AlarmPoint& point : evidence.points) verdict.recent.push_back(*point.value);
  return verdict;
}

const char* AlarmStateName(AlarmState state) {
  switch (state) {
    case AlarmState::kOk:
      return "OK";
    case AlarmState::kAlarm:
      return "ALARM";
    case AlarmState::kInsufficientData:
      return "INSUFFICIENT_DATA";
  }
  return "";
}

std::optional<AlarmState> FindAlarmState(const std::string& name) {
  static constexpr std::pair<const char*, AlarmState> kStates[] = {
      {"OK", AlarmState::kOk}, {"ALARM", AlarmState::kAlarm}, {"INSUFFICIENT_DATA", AlarmState::kInsufficientData}};
  return Find(kStates, name);
}

std::optional<AlarmComparison> FindAlarmComparison(const std::string& name) {
  static constexpr std::pair<const char*, AlarmComparison> kComparisons[] = {
      {"GreaterThanOrEqualToThreshold", AlarmComparison::kGreaterThanOrEqualToThreshold},
      {"GreaterThanThreshold", AlarmComparison::kGreaterThanThreshold},
      {"LessThanThreshold", AlarmComparison::kLessThanThreshold},
      {"LessThanOrEqualToThreshold", AlarmComparison::kLessThanOrEqualToThreshold}};
  return Find(kComparisons, name);
}

std::optional<MissingData> FindMissingData(const std::string& name) {
  static constexpr std::pair<const char*, MissingData> kWays[] = {{"missing", MissingData::kMissing},
                                                                  {"ignore", MissingData::kIgnore},
                                                                  {"breaching", MissingData::kBreaching},
                                                                  {"notBreaching", MissingData::kNotBreaching}};
  return Find(kWays, name);
}

}  // namespace smhost
