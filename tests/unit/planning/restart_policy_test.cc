#include "planning/restart_policy.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

using namespace smhost;
using namespace std::chrono_literals;

namespace {

const MonotonicTime kStart{std::chrono::hours(1000)};

// A history of lives, each so long, each started right after the one before it.
RestartHistory Lives(const std::vector<Duration>& lengths) {
  RestartHistory history;
  MonotonicTime now = kStart;
  for (Duration length : lengths) {
    history.Remember({now, now + length});
    now += length;
  }
  return history;
}

RestartHistory Crashes(int count, Duration length = 1ms) { return Lives(std::vector<Duration>(count, length)); }

RestartRules RulesOfInstances() {
  RestartRules rules;
  rules.first_at_once = true;
  rules.healthy_life = 2s;
  return rules;
}

// One life a letter, of 1 ms: c counts, x is excused, h was healthy. Each is named by its place in the row.
RestartHistory Fates(const std::string& letters) {
  RestartHistory history;
  MonotonicTime now = kStart;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const Duration length = letters[i] == 'h' ? Duration(2s) : Duration(1ms);
    history.Remember({now, now + length, std::to_string(i), letters[i] == 'x'});
    now += length;
  }
  return history;
}

}  // namespace

TEST_CASE("the delay doubles from 100 ms to 300 s and lies within the upper half of its step") {
  const std::vector<Duration> steps = {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms,
                                       12800ms, 25600ms, 51200ms, 102400ms, 204800ms, 300s, 300s, 300s};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (std::size_t deaths = 1; deaths <= steps.size(); ++deaths) {
      auto decision = DecideRestart({}, Crashes(static_cast<int>(deaths)), seed);
      INFO("seed " << seed << ", death " << deaths << ": " << decision.delay.count() << " ns");
      CHECK(decision.delay >= steps[deaths - 1] / 2);
      CHECK(decision.delay <= steps[deaths - 1]);
    }
  }
}

TEST_CASE("the delay stays at its longest however often a process dies") {
  auto decision = DecideRestart({}, Crashes(100'000), 7);
  CHECK(decision.delay >= 150s);
  CHECK(decision.delay <= 300s);
}

TEST_CASE("seeds spread the delay, and one seed always gives the same") {
  std::set<Duration> delays;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    auto delay = DecideRestart({}, Crashes(3), seed).delay;
    CHECK(delay == DecideRestart({}, Crashes(3), seed).delay);
    delays.insert(delay);
  }
  CHECK(delays.size() > 45);
}

TEST_CASE("a life of ten minutes begins a new row") {
  struct Row {
    std::vector<Duration> lives;
    int deaths;
  };
  const std::vector<Row> table = {
      {{1s}, 1},
      {{1s, 1s, 1s}, 3},
      {{1s, 1s, 10min}, 1},
      {{1s, 1s, 10min - 1ns}, 3},
      {{1s, 1s, 10min, 1s}, 2},
      {{1h, 1h, 1h}, 1},
  };
  for (const Row& row : table) {
    auto decision = DecideRestart({}, Lives(row.lives), 1);
    CHECK(decision.deaths_in_row == row.deaths);
    CHECK(decision.delay <= 100ms * (1 << (row.deaths - 1)));
  }
}

TEST_CASE("where the first restart is at once, the back-off begins with the second death") {
  RestartRules rules;
  rules.first_at_once = true;
  CHECK(DecideRestart(rules, Crashes(1), 3).delay == 0ns);
  auto second = DecideRestart(rules, Crashes(2), 3).delay;
  CHECK(second >= 50ms);
  CHECK(second <= 100ms);
  auto third = DecideRestart(rules, Crashes(3), 3).delay;
  CHECK(third >= 100ms);
  CHECK(third <= 200ms);
  CHECK(DecideRestart(rules, Lives({1s, 1s, 10min}), 3).delay == 0ns);
}

TEST_CASE("five deaths within a minute reach the limit, four do not, nor five that are spread wider") {
  CHECK_FALSE(DecideRestart({}, Crashes(4), 1).limit_reached);
  CHECK(DecideRestart({}, Crashes(5), 1).limit_reached);
  CHECK(DecideRestart({}, Crashes(5, 15s), 1).limit_reached);        // first and fifth are 60 s apart
  CHECK_FALSE(DecideRestart({}, Crashes(5, 15001ms), 1).limit_reached);
  CHECK(DecideRestart({}, Lives({1h, 1s, 1s, 1s, 1s}), 1).limit_reached);
}

TEST_CASE("a life that was long enough to be healthy counts neither for the row nor for the limit") {
  RestartRules rules;
  rules.first_at_once = true;
  rules.healthy_life = 2s;
  CHECK(DecideRestart(rules, Lives({3s, 3s, 3s, 3s, 3s, 3s}), 1).delay == 0ns);
  CHECK_FALSE(DecideRestart(rules, Lives({3s, 3s, 3s, 3s, 3s, 3s}), 1).limit_reached);
  CHECK_FALSE(DecideRestart(rules, Lives({1s, 3s, 1s, 3s, 1s, 1s}), 1).limit_reached);
  CHECK(DecideRestart(rules, Lives({1s, 3s, 1s, 1s, 1s, 1s}), 1).limit_reached);
  CHECK(DecideRestart(rules, Lives({1s, 1s, 3s, 1s}), 1).deaths_in_row == 2);
}

TEST_CASE("excused deaths reach no limit, and those between them count as they do alone") {
  struct Row {
    const char* lives;
    bool limit;
  };
  const std::vector<Row> table = {
      {"x", false},          {"xxxxxxxxxxxxxxxxxxxx", false}, {"ccccc", true},    {"ccccx", false},
      {"xxcxcxxcxc", false}, {"xxcxcxxcxcc", true},           {"cxcxcxcxcx", true}, {"cccchx", false},
  };
  for (const Row& row : table) {
    INFO(row.lives);
    CHECK(DecideRestart(RulesOfInstances(), Fates(row.lives), 1).limit_reached == row.limit);
  }
}

TEST_CASE("after excused deaths the delay grows to half a second and no further") {
  CHECK(DecideRestart(RulesOfInstances(), Fates("x"), 1).delay == 0ns);
  const std::vector<Duration> steps = {100ms, 200ms, 400ms, 500ms, 500ms, 500ms};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto delay = DecideRestart(RulesOfInstances(), Fates(std::string(i + 2, 'x')), 1).delay;
    CHECK(delay >= steps[i] / 2);
    CHECK(delay <= steps[i]);
  }
  CHECK(DecideRestart(RulesOfInstances(), Fates(std::string(1000, 'x')), 1).delay >= 250ms);
  CHECK(DecideRestart(RulesOfInstances(), Fates("xxxxhx"), 1).delay <= 100ms);
}

TEST_CASE("deaths that count have their whole delay, whatever was excused between them") {
  auto alone = DecideRestart(RulesOfInstances(), Fates("ccccccc"), 1).delay;
  CHECK(alone >= 1600ms);
  CHECK(DecideRestart(RulesOfInstances(), Fates("cxccxccxxcc"), 1).delay >= 1600ms);
}

TEST_CASE("a death that is excused afterwards is one that never counted") {
  RestartHistory history = Fates("ccccc");
  REQUIRE(DecideRestart(RulesOfInstances(), history, 1).limit_reached);
  CHECK_FALSE(history.Excuse("not among them"));
  CHECK(history.Excuse("3"));
  CHECK_FALSE(DecideRestart(RulesOfInstances(), history, 1).limit_reached);
  CHECK_FALSE(history.Excuse("3"));
  for (const char* id : {"0", "1", "2", "4"}) CHECK(history.Excuse(id));
  CHECK(DecideRestart(RulesOfInstances(), history, 1).delay == DecideRestart(RulesOfInstances(), Fates("xxxxx"), 1).delay);
  RestartHistory nameless = Crashes(5);
  CHECK_FALSE(nameless.Excuse(""));
}

TEST_CASE("without a start limit none is reached, and a shorter longest delay holds") {
  RestartRules rules;
  rules.start_limit = 0;
  rules.last_delay = 5s;
  auto decision = DecideRestart(rules, Crashes(1000), 9);
  CHECK_FALSE(decision.limit_reached);
  CHECK(decision.delay <= 5s);
  CHECK(decision.delay >= 2500ms);
}

TEST_CASE("a forgotten history starts anew") {
  auto history = Crashes(5);
  history.Forget();
  history.Remember({kStart, kStart + 1s});
  auto decision = DecideRestart({}, history, 1);
  CHECK(decision.deaths_in_row == 1);
  CHECK_FALSE(decision.limit_reached);
}
