#include "supervisor/child.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "unit/supervisor/fake_system.h"

using namespace smhost;
using namespace std::chrono_literals;

namespace {

// A child brought into a state by events alone; its process, where it has one, is 101.
void BringTo(ChildState state, FakeSystem& system, Child& child) {
  if (state == ChildState::kOff) return;
  child.Handle(ChildEvent::kWant);
  if (state == ChildState::kReplacing) child.Handle(ChildEvent::kReplace);
  if (state == ChildState::kEnding) child.Handle(ChildEvent::kEnd);
  if (state == ChildState::kWaiting) {
    system.fail_starts = 1;
    child.OnExit(101, kKilled);
    system.Advance(0ms);  // the restart at once fails, so that it waits with a delay
  }
  system.Said();
}

constexpr ChildState kStates[] = {ChildState::kOff, ChildState::kUp, ChildState::kWaiting, ChildState::kReplacing,
                                  ChildState::kEnding};

}  // namespace

TEST_CASE("each event in each state leads to the state of the table, and does what the table says") {
  using S = ChildState;
  using E = ChildEvent;
  struct Row {
    S from;
    E event;
    S to;
    Lines said;
  };
  const std::vector<Row> table = {
      {S::kOff, E::kWant, S::kUp, {"start controller 101"}},
      {S::kOff, E::kDied, S::kOff, {}},
      {S::kOff, E::kTimer, S::kOff, {}},
      {S::kOff, E::kReplace, S::kOff, {}},
      {S::kOff, E::kEnd, S::kOff, {}},
      {S::kUp, E::kWant, S::kUp, {}},
      {S::kUp, E::kTimer, S::kUp, {}},
      {S::kUp, E::kReplace, S::kReplacing, {"TERM 101"}},
      {S::kUp, E::kEnd, S::kEnding, {"TERM 101"}},
      {S::kWaiting, E::kWant, S::kWaiting, {}},
      {S::kWaiting, E::kDied, S::kWaiting, {}},
      {S::kWaiting, E::kTimer, S::kUp, {"start controller 102"}},
      {S::kWaiting, E::kReplace, S::kUp, {"start controller 102"}},
      {S::kWaiting, E::kEnd, S::kOff, {}},
      {S::kReplacing, E::kWant, S::kReplacing, {}},
      {S::kReplacing, E::kTimer, S::kReplacing, {}},
      {S::kReplacing, E::kReplace, S::kReplacing, {}},
      {S::kReplacing, E::kEnd, S::kEnding, {}},
      {S::kEnding, E::kWant, S::kEnding, {}},
      {S::kEnding, E::kTimer, S::kEnding, {}},
      {S::kEnding, E::kReplace, S::kEnding, {}},
      {S::kEnding, E::kEnd, S::kEnding, {}},
  };
  for (const Row& row : table) {
    FakeSystem system;
    Child child(system, Role::kController, false);
    BringTo(row.from, system, child);
    REQUIRE(child.state() == row.from);
    child.Handle(row.event);
    INFO("state " << static_cast<int>(row.from) << ", event " << static_cast<int>(row.event));
    CHECK(child.state() == row.to);
    CHECK(system.Said() == row.said);
  }
}

TEST_CASE("the end of the process is followed by a restart, a replacement or rest, as the state says") {
  using S = ChildState;
  struct Row {
    S from, to;
    Lines said;
  };
  const std::vector<Row> table = {
      {S::kUp, S::kWaiting, {}},
      {S::kReplacing, S::kUp, {"start controller 102"}},
      {S::kEnding, S::kOff, {}},
  };
  for (const Row& row : table) {
    FakeSystem system;
    Child child(system, Role::kController, false);
    BringTo(row.from, system, child);
    CHECK(child.OnExit(101, kKilled));
    CHECK(child.state() == row.to);
    CHECK(system.Said() == row.said);
  }
}

TEST_CASE("the end of a process that is none of the child's changes nothing") {
  for (ChildState state : kStates) {
    FakeSystem system;
    Child child(system, Role::kGateway, true);
    if (state == ChildState::kReplacing) continue;  // one that overlaps is never there
    BringTo(state, system, child);
    CHECK_FALSE(child.OnExit(999, kKilled));
    CHECK(child.state() == state);
    CHECK(system.Said().empty());
  }
}

TEST_CASE("the first death is followed by a start at once, the next ones by ever longer waits, five seconds at most") {
  FakeSystem system;
  Child child(system, Role::kGateway, true);
  child.Handle(ChildEvent::kWant);
  const std::vector<Duration> longest = {0ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5s, 5s, 5s, 5s, 5s, 5s};
  for (std::size_t death = 0; death < longest.size(); ++death) {
    INFO("death " << death);
    REQUIRE(child.OnExit(system.next_pid - 1, kKilled));
    CHECK(child.state() == ChildState::kWaiting);
    if (longest[death] > 0ms) {
      system.Advance(longest[death] / 2 - 1ms);
      CHECK(child.state() == ChildState::kWaiting);
    }
    system.Advance(longest[death] / 2 + 1ms);
    CHECK(child.running());
  }
}

TEST_CASE("after ten seconds up a death is followed by a start at once again") {
  FakeSystem system;
  Child child(system, Role::kController, false);
  child.Handle(ChildEvent::kWant);
  for (int i = 0; i < 5; ++i) {
    child.OnExit(system.next_pid - 1, kKilled);
    system.Advance(5s);
  }
  REQUIRE(child.running());
  system.Advance(10s);
  child.OnExit(system.next_pid - 1, kKilled);
  system.Advance(0ms);
  CHECK(child.running());
}

TEST_CASE("a start that fails is tried again, with growing waits, for ever") {
  FakeSystem system;
  system.fail_starts = 1000;
  Child child(system, Role::kController, false);
  child.Handle(ChildEvent::kWant);
  CHECK(child.state() == ChildState::kWaiting);
  system.Advance(60s);
  CHECK(child.state() == ChildState::kWaiting);
  CHECK(system.fail_starts < 1000 - 10);
  CHECK(system.fail_starts > 1000 - 100);
  system.fail_starts = 0;
  system.Advance(5s);
  CHECK(child.running());
}

TEST_CASE("one that overlaps starts its successor before the old process is told to end, and goes on with it") {
  FakeSystem system;
  Child child(system, Role::kGateway, true);
  BringTo(ChildState::kUp, system, child);
  child.Handle(ChildEvent::kReplace);
  CHECK(system.Said() == Lines{"start gateway 102", "TERM 101"});
  CHECK(child.running());
  CHECK(child.leaving() == 1);
  CHECK(child.OnExit(101, kExited));
  CHECK(child.running());
  CHECK(child.leaving() == 0);
  CHECK(system.Said().empty());
}

TEST_CASE("a successor that cannot be started leaves the running process alone") {
  FakeSystem system;
  Child child(system, Role::kGateway, true);
  BringTo(ChildState::kUp, system, child);
  system.fail_starts = 1;
  child.Handle(ChildEvent::kReplace);
  CHECK(system.Said().empty());
  CHECK(child.running());
}

TEST_CASE("a predecessor that leaves is killed after its grace, and its death delays nothing") {
  FakeSystem system;
  Child child(system, Role::kGateway, true);
  BringTo(ChildState::kUp, system, child);
  child.Handle(ChildEvent::kReplace);
  system.Said();
  system.Advance(limits::kStopGrace - 1ms);
  CHECK(system.Said().empty());
  system.Advance(1ms);
  CHECK(system.Said() == Lines{"KILL 101"});
  child.OnExit(101, kKilled);
  child.OnExit(102, kKilled);
  system.Advance(0ms);
  CHECK(system.Said() == Lines{"start gateway 103"});
}

TEST_CASE("a process that ended in time is not killed when its number may be another's") {
  FakeSystem system;
  Child child(system, Role::kController, false);
  BringTo(ChildState::kUp, system, child);
  child.Handle(ChildEvent::kReplace);
  child.OnExit(101, kExited);
  system.Said();
  system.Advance(limits::kStopGrace * 2);
  CHECK(system.Said().empty());
}

TEST_CASE("more replacements than may leave at a time are refused, and the running process stays") {
  FakeSystem system;
  Child child(system, Role::kGateway, true);
  BringTo(ChildState::kUp, system, child);
  for (std::size_t i = 0; i < limits::kLeavingPredecessors + 3; ++i) child.Handle(ChildEvent::kReplace);
  CHECK(child.leaving() == limits::kLeavingPredecessors);
  CHECK(child.running());
  CHECK(system.roles.size() == limits::kLeavingPredecessors + 1);
}

TEST_CASE("a child is gone only when those that were leaving are gone too") {
  FakeSystem system;
  Child child(system, Role::kGateway, true);
  BringTo(ChildState::kUp, system, child);
  child.Handle(ChildEvent::kReplace);
  child.Handle(ChildEvent::kEnd);
  child.OnExit(102, kExited);
  CHECK(child.state() == ChildState::kOff);
  CHECK_FALSE(child.gone());
  child.OnExit(101, kExited);
  CHECK(child.gone());
}

TEST_CASE("whoever waits for a child learns of every start of it") {
  FakeSystem system;
  int starts = 0;
  Child child(system, Role::kLauncher, false, [&] { ++starts; });
  child.Handle(ChildEvent::kWant);
  CHECK(starts == 1);
  child.OnExit(101, kKilled);
  system.Advance(0ms);
  CHECK(starts == 2);
}
