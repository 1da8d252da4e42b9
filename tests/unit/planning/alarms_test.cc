#include "planning/alarms.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {

constexpr AlarmState kOk = AlarmState::kOk, kAlarm = AlarmState::kAlarm, kUnknown = AlarmState::kInsufficientData;

// "0 - X": a good point, a missing one, a bad one, newest last.
std::vector<AlarmPoint> Points(const std::string& text) {
  std::vector<AlarmPoint> points;
  for (char c : text)
    if (c != ' ') points.push_back({c == '-' ? std::nullopt : std::optional<double>(c == 'X' ? 5 : 0), WallTime{}});
  return points;
}

AlarmRule Rule(int datapoints, int periods, MissingData missing) {
  return {AlarmComparison::kGreaterThanThreshold, 1.0, periods, datapoints, missing};
}

// What a row of the guide's tables says for missing, ignore, breaching, notBreaching; nothing: the state stays.
struct Row {
  const char* points;
  std::optional<AlarmState> missing, ignore, breaching, not_breaching;
};

void CheckRow(const Row& row, int datapoints) {
  const std::pair<MissingData, std::optional<AlarmState>> columns[] = {{MissingData::kMissing, row.missing},
                                                                       {MissingData::kIgnore, row.ignore},
                                                                       {MissingData::kBreaching, row.breaching},
                                                                       {MissingData::kNotBreaching, row.not_breaching}};
  for (const auto& [missing, expected] : columns)
    for (AlarmState previous : {kOk, kAlarm, kUnknown}) {
      INFO(row.points << ", " << datapoints << " of 3, missing data " << static_cast<int>(missing) << ", was " << AlarmStateName(previous));
      CHECK(EvaluateAlarm(Rule(datapoints, 3, missing), Points(row.points), previous).state == expected.value_or(previous));
    }
}

}  // namespace

TEST_CASE("missing data is treated as in the guide's examples with 3 datapoints to alarm of 3") {
  const std::nullopt_t stays = std::nullopt;
  for (const Row& row : {Row{"0 - X - X", kOk, kOk, kOk, kOk}, Row{"0 - - - -", kOk, kOk, kOk, kOk},
                         Row{"- - - - -", kUnknown, stays, kAlarm, kOk}, Row{"0 X X - X", kAlarm, kAlarm, kAlarm, kAlarm},
                         Row{"- - X - -", kAlarm, stays, kAlarm, kOk}})
    CheckRow(row, 3);
}

TEST_CASE("missing data is treated as in the guide's examples with 2 datapoints to alarm of 3") {
  const std::nullopt_t stays = std::nullopt;
  for (const Row& row : {Row{"0 - X - X", kAlarm, kAlarm, kAlarm, kAlarm}, Row{"0 0 X 0 X", kAlarm, kAlarm, kAlarm, kAlarm},
                         Row{"0 - X - -", kOk, kOk, kAlarm, kOk}, Row{"- - - - 0", kOk, kOk, kAlarm, kOk},
                         Row{"- - - X -", kAlarm, stays, kAlarm, kOk}})
    CheckRow(row, 2);
}

TEST_CASE("one bad point that just came does not set off an alarm that needs three") {
  for (const char* points : {"- - - - X", "- - - X -"})
    for (AlarmState previous : {kOk, kAlarm, kUnknown})
      CHECK(EvaluateAlarm(Rule(3, 3, MissingData::kMissing), Points(points), previous).state == previous);
  CHECK(EvaluateAlarm(Rule(3, 3, MissingData::kMissing), Points("- - - X 0"), kAlarm).state == kOk);
}

TEST_CASE("points older than the evaluation periods do not count while newer ones are there") {
  CHECK(EvaluateAlarm(Rule(1, 3, MissingData::kMissing), Points("X X 0 0 0"), kAlarm).state == kOk);
  CHECK(EvaluateAlarm(Rule(1, 3, MissingData::kMissing), Points("X X 0 - 0"), kOk).state == kAlarm);
  CHECK(EvaluateAlarm(Rule(1, 1, MissingData::kMissing), Points("X X 0"), kAlarm).state == kOk);
}

TEST_CASE("each comparison is met exactly where its words say") {
  struct Row {
    const char* name;
    bool below, equal, above;
  };
  for (const Row& row : {Row{"GreaterThanThreshold", false, false, true}, Row{"GreaterThanOrEqualToThreshold", false, true, true},
                         Row{"LessThanThreshold", true, false, false}, Row{"LessThanOrEqualToThreshold", true, true, false}}) {
    AlarmRule rule;
    rule.comparison = FindAlarmComparison(row.name).value();
    rule.threshold = 2;
    auto met = [&](double value) { return EvaluateAlarm(rule, {{value, {}}}, kOk).state == kAlarm; };
    INFO(row.name);
    CHECK(met(1) == row.below);
    CHECK(met(2) == row.equal);
    CHECK(met(3) == row.above);
  }
}

TEST_CASE("the reason names the points, the threshold and what was filled in") {
  const WallTime time = ParseIso8601("2026-01-31T12:00:00.000Z");
  AlarmRule rule{AlarmComparison::kGreaterThanThreshold, 1, 1, 1, MissingData::kMissing};
  CHECK(EvaluateAlarm(rule, {{5.0, time}}, kOk).reason ==
        "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (31/01/26 12:00:00)] was greater than the threshold (1.0) "
        "(minimum 1 datapoint for OK -> ALARM transition).");
  CHECK(EvaluateAlarm(rule, {{0.25, time}}, kAlarm).reason ==
        "Threshold Crossed: 1 out of the last 1 datapoints [0.25 (31/01/26 12:00:00)] was not greater than the threshold (1.0) "
        "(minimum 1 datapoint for ALARM -> OK transition).");
  CHECK(EvaluateAlarm(rule, {{std::nullopt, time}}, kOk).reason == "Insufficient Data: 1 datapoint was unknown.");
  rule.missing = MissingData::kBreaching;
  CHECK(EvaluateAlarm(rule, {{std::nullopt, time}}, kOk).reason ==
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].");
  CHECK(EvaluateAlarm(Rule(2, 2, MissingData::kBreaching), Points("- - - X"), kOk).reason.find(
            "and 1 missing datapoint was treated as [Breaching]") != std::string::npos);
}

TEST_CASE("names of states, comparisons and treatments are AWS's") {
  for (AlarmState state : {kOk, kAlarm, kUnknown}) CHECK(FindAlarmState(AlarmStateName(state)) == state);
  CHECK(!FindAlarmState("ok"));
  CHECK(!FindAlarmComparison("LessThanLowerThreshold"));
  CHECK(FindMissingData("notBreaching") == MissingData::kNotBreaching);
  CHECK(!FindMissingData("NotBreaching"));
}

TEST_CASE("more periods are looked at than are needed") {
  CHECK(EvaluationRange(Rule(3, 3, MissingData::kMissing)) == 5);
}
