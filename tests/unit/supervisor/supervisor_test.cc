#include "supervisor/supervisor.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <random>
#include <set>

#include "base/limits.h"
#include "unit/supervisor/fake_system.h"

using namespace smhost;
using namespace std::chrono_literals;

namespace {

// gateway 101, controller 102, API process 103; with a launcher: 104.
struct Scene {
  FakeSystem system;
  Supervisor supervisor{system};

  explicit Scene(bool with_launcher = false) {
    supervisor.Start();
    if (with_launcher) supervisor.OnLauncherWanted();
    system.Said();
  }
  ProcessId Other(pid_t pid) { return {pid, 7, "boot"}; }
};

}  // namespace

TEST_CASE("a start brings up gateway, controller and API process, and no launcher before one is wanted") {
  FakeSystem system;
  Supervisor supervisor(system);
  supervisor.Start();
  CHECK(system.Said() == Lines{"start gateway 101", "start controller 102", "start api 103"});
}

TEST_CASE("a wanted launcher is started once, told of each time, and kept") {
  Scene scene;
  scene.supervisor.OnLauncherWanted();
  CHECK(scene.system.Said() == Lines{"start launcher 104", "tell launcher runs"});
  scene.supervisor.OnLauncherWanted();
  CHECK(scene.system.Said() == Lines{"tell launcher runs"});
  scene.supervisor.OnExit(104, kKilled);
  scene.system.Advance(0ms);
  CHECK(scene.system.Said() == Lines{"start launcher 105"});
}

TEST_CASE("a launcher that is wanted while its start fails is told of once it runs") {
  Scene scene;
  scene.system.fail_starts = 3;
  scene.supervisor.OnLauncherWanted();
  CHECK(scene.system.Said().empty());
  scene.system.Advance(5s);
  CHECK(scene.system.Said() == Lines{"start launcher 104", "tell launcher runs"});
}

TEST_CASE("a new controller gets no answer to what the one before it had asked") {
  Scene scene;
  scene.system.fail_starts = 2;
  scene.supervisor.OnLauncherWanted();
  scene.supervisor.OnControllerLink();
  scene.system.Advance(5s);
  CHECK(scene.system.Said() == Lines{"start launcher 104"});
}

TEST_CASE("the death of one program leaves the others alone") {
  Scene scene(true);
  scene.supervisor.OnExit(102, kKilled);
  scene.system.Advance(0ms);
  CHECK(scene.system.Said() == Lines{"start controller 105"});
  scene.supervisor.OnExit(101, kKilled);
  scene.system.Advance(0ms);
  CHECK(scene.system.Said() == Lines{"start gateway 106"});
}

TEST_CASE("the end of an orphan is of no consequence") {
  Scene scene(true);
  scene.supervisor.OnExit(4711, kKilled);
  scene.system.Advance(1h);
  CHECK(scene.system.Said().empty());
}

TEST_CASE("a restart starts the new gateway and API process first and the others when their predecessors have ended") {
  Scene scene(true);
  scene.supervisor.OnReplace();
  CHECK(scene.system.Said() == Lines{"start gateway 105", "TERM 101", "TERM 102", "TERM 104", "start api 106", "TERM 103"});
  scene.supervisor.OnExit(102, kExited);
  CHECK(scene.system.Said() == Lines{"start controller 107"});
  scene.supervisor.OnExit(104, kExited);
  CHECK(scene.system.Said() == Lines{"start launcher 108"});
  scene.supervisor.OnExit(101, kExited);
  CHECK(scene.system.Said().empty());
}

TEST_CASE("a restart starts no launcher that nobody wanted") {
  Scene scene;
  scene.supervisor.OnReplace();
  CHECK(scene.system.Said() == Lines{"start gateway 104", "TERM 101", "TERM 102", "start api 105", "TERM 103"});
}

TEST_CASE("a stop ends gateway, API process, controller, launcher and then all others, each when the one before it is gone") {
  Scene scene(true);
  scene.system.others = {scene.Other(201), scene.Other(202)};
  scene.supervisor.OnStop();
  CHECK(scene.system.Said() == Lines{"close listeners", "TERM 101"});
  scene.supervisor.OnExit(101, kExited);
  CHECK(scene.system.Said() == Lines{"TERM 103"});
  scene.supervisor.OnExit(103, kExited);
  CHECK(scene.system.Said() == Lines{"TERM 102"});
  scene.supervisor.OnExit(102, kExited);
  CHECK(scene.system.Said() == Lines{"TERM 104"});
  scene.supervisor.OnExit(104, kExited);
  CHECK(scene.system.Said() == Lines{"other TERM 201", "other TERM 202"});
  scene.system.others = {scene.Other(202), scene.Other(203)};  // an orphan came to us meanwhile
  scene.system.Advance(limits::kStopLookAgain);
  CHECK(scene.system.Said() == Lines{"other TERM 203"});
  scene.system.others = {};
  scene.supervisor.OnExit(203, kExited);
  CHECK(scene.system.Said() == Lines{"finish"});
}

TEST_CASE("a stop without launcher and others finishes with the controller") {
  Scene scene;
  scene.supervisor.OnStop();
  scene.supervisor.OnExit(101, kExited);
  scene.supervisor.OnExit(103, kExited);
  scene.system.Said();
  scene.supervisor.OnExit(102, kExited);
  CHECK(scene.system.Said() == Lines{"finish"});
}

TEST_CASE("a stop kills what has not ended within its grace, and goes on") {
  Scene scene;
  scene.system.others = {scene.Other(201)};
  scene.supervisor.OnStop();
  scene.system.Said();
  scene.system.Advance(limits::kStopGrace);
  CHECK(scene.system.Said() == Lines{"KILL 101"});
  scene.supervisor.OnExit(101, kKilled);
  scene.supervisor.OnExit(103, kExited);
  scene.supervisor.OnExit(102, kExited);
  CHECK(scene.system.Said() == Lines{"TERM 103", "TERM 102", "other TERM 201"});
  scene.system.Advance(limits::kStopGrace - 1ms);
  CHECK(scene.system.Said().empty());
  scene.system.Advance(limits::kStopLookAgain * 2);
  CHECK(scene.system.Said().front() == "other KILL 201");
}

TEST_CASE("a second stop kills everything at once") {
  Scene scene(true);
  scene.system.others = {scene.Other(201)};
  scene.supervisor.OnStop();
  scene.system.Said();
  scene.supervisor.OnStop();
  CHECK(scene.system.Said() == Lines{"KILL 101", "KILL 102", "KILL 104", "KILL 103"});
  scene.supervisor.OnExit(104, kKilled);
  scene.supervisor.OnExit(103, kKilled);
  scene.supervisor.OnExit(102, kKilled);
  scene.supervisor.OnExit(101, kKilled);
  auto said = scene.system.Said();
  REQUIRE_FALSE(said.empty());
  CHECK(said.back() == "other KILL 201");
  scene.system.others = {};
  scene.system.Advance(limits::kStopLookAgain);
  CHECK(scene.system.Said() == Lines{"finish"});
}

TEST_CASE("while stopping, neither a restart nor a wanted launcher starts anything") {
  Scene scene;
  scene.supervisor.OnStop();
  scene.system.Said();
  scene.supervisor.OnReplace();
  scene.supervisor.OnLauncherWanted();
  CHECK(scene.system.Said().empty());
}

TEST_CASE("a stop in the middle of a restart waits for the predecessor that drains") {
  Scene scene;
  scene.supervisor.OnReplace();
  scene.supervisor.OnStop();
  scene.system.Said();
  scene.supervisor.OnExit(104, kExited);  // the new gateway
  CHECK(scene.system.Said().empty());
  scene.supervisor.OnExit(101, kExited);  // the one before it
  scene.supervisor.OnExit(105, kExited);  // the new API process
  scene.supervisor.OnExit(103, kExited);
  scene.supervisor.OnExit(102, kExited);  // the controller, told to end by the restart
  auto said = scene.system.Said();
  REQUIRE_FALSE(said.empty());
  CHECK(said.back() == "finish");
  CHECK(std::count(said.begin(), said.end(), "start controller 105") == 0);
}

// Whatever happens in whatever order, a stop ends with nothing of ours alive.
TEST_CASE("random histories of deaths, restarts and failed starts always end in an empty, finished runtime") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    FakeSystem system;
    Supervisor supervisor(system);
    supervisor.Start();
    std::set<pid_t> alive;
    pid_t seen = 101;
    auto look = [&] {
      for (; seen < system.next_pid; ++seen) alive.insert(seen);
    };
    auto kill_one = [&] {
      look();
      if (alive.empty()) return;
      auto victim = std::next(alive.begin(), static_cast<long>(random() % alive.size()));
      pid_t pid = *victim;
      alive.erase(victim);
      supervisor.OnExit(pid, random() % 2 ? kKilled : kExited);
    };
    for (int step = 0; step < 60; ++step) {
      switch (random() % 6) {
        case 0: supervisor.OnReplace(); break;
        case 1: supervisor.OnLauncherWanted(); break;
        case 2: kill_one(); break;
        case 3: system.fail_starts = static_cast<int>(random() % 3); break;
        default: system.Advance(std::chrono::milliseconds(random() % 4000)); break;
      }
    }
    supervisor.OnStop();
    bool again = random() % 2;
    for (int step = 0; step < 200; ++step) {
      if (again && step == 3) supervisor.OnStop();
      kill_one();
      system.Advance(std::chrono::milliseconds(random() % 100));
    }
    look();
    CHECK(alive.empty());
    auto said = system.Said();
    CHECK(std::count(said.begin(), said.end(), "finish") == 1);
  }
}

TEST_CASE("after a supervisor that was killed its gateway goes on and only what is missing is started") {
  FakeSystem system;
  Supervisor supervisor(system);
  supervisor.Start({{Role::kGateway, 51, false}});
  CHECK(system.Said() == Lines{"start controller 101", "start api 102"});
  supervisor.OnExit(51, kUnknownEnd);
  system.Advance(0ms);
  CHECK(system.Said() == Lines{"start gateway 103"});
}

TEST_CASE("an adopted gateway that was on its way out is told to end again, and killed after its grace") {
  FakeSystem system;
  Supervisor supervisor(system);
  supervisor.Start({{Role::kGateway, 50, true}, {Role::kGateway, 51, false}});
  CHECK(system.Said() == Lines{"TERM 50", "start controller 101", "start api 102"});
  system.Advance(limits::kStopGrace);
  CHECK(system.Said() == Lines{"KILL 50"});
}

TEST_CASE("a supervisor whose own program was replaced replaces all others, the gateway before it ends") {
  FakeSystem system;
  Supervisor supervisor(system);
  supervisor.StartAnew({{Role::kGateway, 51, false}, {Role::kController, 52, false}, {Role::kLauncher, 53, false}}, true);
  CHECK(system.Said() == Lines{"start gateway 101", "TERM 51", "TERM 52", "TERM 53", "start api 102"});
  supervisor.OnExit(52, kExited);
  supervisor.OnExit(53, kExited);
  CHECK(system.Said() == Lines{"start controller 103", "start launcher 104"});
}

TEST_CASE("what waited for its restart while our own program was replaced is started once") {
  FakeSystem system;
  Supervisor supervisor(system);
  supervisor.StartAnew({{Role::kGateway, 51, false}}, true);
  CHECK(system.Said() == Lines{"start gateway 101", "TERM 51", "start controller 102", "start api 103", "start launcher 104"});
}

TEST_CASE("the processes that a supervisor names are those that another would adopt") {
  Scene scene(true);
  scene.supervisor.OnReplace();  // gateway 105 beside 101
  CHECK(scene.supervisor.Processes() ==
        std::vector<Adoption>{{Role::kGateway, 101, true}, {Role::kGateway, 105, false}, {Role::kController, 102, false},
                              {Role::kLauncher, 104, false}, {Role::kApi, 103, true}, {Role::kApi, 106, false}});
}
