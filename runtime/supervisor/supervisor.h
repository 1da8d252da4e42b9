// The runtime's parent, as decisions: which programs run, what follows the end of one, and the order in which all of
// them end. Called by its one loop with what happened; acts through System; never waits, reads no bytes from outside.
//
// To stop: gateway (it drains), API process (likewise), controller, launcher, then every other process; each gets SIGTERM, and SIGKILL after
// limits::kStopGrace. A second OnStop kills at once.
#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "supervisor/child.h"
#include "supervisor/system.h"

namespace smhost {

class Supervisor {
 public:
  explicit Supervisor(System& system);

  // Goes on with what is adopted; gateway, controller and API process are started where none was.
  void Start(const std::vector<Adoption>& adopted = {});
  // After our own program was replaced: goes on with what is adopted, and replaces it by its programs' new files.
  void StartAnew(const std::vector<Adoption>& adopted, bool launcher_wanted);
  // The controller needs a launcher: from now on one is kept. Answered once it runs.
  void OnLauncherWanted();
  // The controller that had asked is another one now: no answer is owed.
  void OnControllerLink() { answer_owed_ = false; }
  void OnExit(pid_t pid, int wait_status);
  void OnReplace();  // all programs but ours anew, no connection refused
  void OnStop();

  bool stopping() const { return phase_ != Phase::kServing; }
  bool launcher_wanted() const { return launcher_.state() != ChildState::kOff; }
  std::vector<Adoption> Processes() const;

 private:
  enum class Phase { kServing, kGateway, kApi, kController, kLauncher, kOthers, kDone };

  void Adopt(const std::vector<Adoption>& adopted);
  void WantWhatAlwaysRuns();
  Child& ChildIn(Role role);
  void AnswerIfDue();
  void Advance();
  Child* ChildOf(Phase phase);
  void Enter(Phase phase);
  void EndOthers();

  System& system_;
  Child gateway_, controller_, launcher_, api_;
  bool answer_owed_ = false;
  Phase phase_ = Phase::kServing;
  bool kill_ = false;
  std::optional<System::Timer> look_again_;
  std::set<std::pair<pid_t, std::uint64_t>> told_;  // others that got their SIGTERM: number and start time
};

}  // namespace smhost
