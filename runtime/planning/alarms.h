// When an alarm goes off: CloudWatch's rules for periods, datapoints to alarm and missing data, as its guide tells them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace smhost {

enum class AlarmState { kInsufficientData, kOk, kAlarm };

enum class AlarmComparison {
  kGreaterThanOrEqualToThreshold,
  kGreaterThanThreshold,
  kLessThanThreshold,
  kLessThanOrEqualToThreshold,
};

enum class MissingData { kMissing, kIgnore, kBreaching, kNotBreaching };

struct AlarmRule {
  AlarmComparison comparison = AlarmComparison::kGreaterThanThreshold;
  double threshold = 0;
  int evaluation_periods = 1;
  int datapoints_to_alarm = 1;  // at most evaluation_periods
  MissingData missing = MissingData::kMissing;
};

// One period's value; none where nothing was measured.
struct AlarmPoint {
  std::optional<double> value;
  WallTime begin;
};

struct AlarmVerdict {
  AlarmState state = AlarmState::kInsufficientData;
  std::string reason;  // "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (…)] was greater than …"
  std::vector<double> recent;  // the values that decided, newest first
};

// How many periods to look at: more than are needed, so that real points further back count before missing ones are filled in.
std::size_t EvaluationRange(const AlarmRule& rule);

// `points`: EvaluationRange of them, newest last. Where they do not decide, the previous state stays.
AlarmVerdict EvaluateAlarm(const AlarmRule& rule, const std::vector<AlarmPoint>& points, AlarmState previous);

// "OK", "ALARM", "INSUFFICIENT_DATA", and back (any other text: nothing).
const char* AlarmStateName(AlarmState state);
std::optional<AlarmState> FindAlarmState(const std::string& name);
// AWS's words; any other text: nothing.
std::optional<AlarmComparison> FindAlarmComparison(const std::string& name);
std::optional<MissingData> FindMissingData(const std::string& name);

}  // namespace smhost
