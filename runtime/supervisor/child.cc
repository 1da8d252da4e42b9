#include "supervisor/child.h"

#include <signal.h>

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"

namespace smhost {
namespace {

RestartRules KeepForever() {
  RestartRules rules;
  rules.last_delay = limits::kKeptRestartDelayLast;
  rules.forget_after = limits::kKeptRestartForgetAfter;
  rules.first_at_once = true;
  rules.start_limit = 0;
  return rules;
}

}  // namespace

const char* RoleName(Role role) {
  switch (role) {
    case Role::kController: return "controller";
    case Role::kGateway: return "gateway";
    case Role::kLauncher: return "launcher";
    case Role::kApi: return "api";
  }
  return "";
}

std::optional<Role> RoleNamed(const std::string& name) {
  for (Role role : {Role::kController, Role::kGateway, Role::kLauncher, Role::kApi})
    if (name == RoleName(role)) return role;
  return std::nullopt;
}

void Child::Adopt(pid_t pid) {
  current_ = Process{pid, system_.Now(), std::nullopt};
  state_ = ChildState::kUp;
  spdlog::info("{} (pid {}) adopted", RoleName(role_), pid);
}

void Child::AdoptLeaving(pid_t pid) {
  leaving_.push_back({pid, system_.Now(), std::nullopt});
  TellToEnd(leaving_.back());
}

std::vector<Adoption> Child::Processes() const {
  std::vector<Adoption> all;
  for (const Process& process : leaving_) all.push_back({role_, process.pid, true});
  if (current_) all.push_back({role_, current_->pid, false});
  return all;
}

void Child::Handle(ChildEvent event) {
  using Cell = void (Child::*)();
  // clang-format off
  static constexpr Cell kCells[5][5] = {
      //             kWant            kDied                 kTimer           kReplace           kEnd
      /* Off       */ {&Child::Launch,  &Child::Nothing,      &Child::Nothing, &Child::Nothing,   &Child::Nothing},
      /* Up        */ {&Child::Nothing, &Child::AwaitRestart, &Child::Nothing, &Child::Replace,   &Child::Terminate},
      /* Waiting   */ {&Child::Nothing, &Child::Nothing,      &Child::Launch,  &Child::LaunchNow, &Child::StopWaiting},
      /* Replacing */ {&Child::Nothing, &Child::Launch,       &Child::Nothing, &Child::Nothing,   &Child::EndInstead},
      /* Ending    */ {&Child::Nothing, &Child::ComeToRest,   &Child::Nothing, &Child::Nothing,   &Child::Nothing},
  };
  // clang-format on
  Cell cell = kCells[static_cast<int>(state_)][static_cast<int>(event)];
  (this->*cell)();
}

bool Child::OnExit(pid_t pid, int wait_status) {
  if (current_ && current_->pid == pid) {
    Process process = *current_;
    current_.reset();
    Died(process, wait_status);
    Handle(ChildEvent::kDied);
    return true;
  }
  auto found =
      std::find_if(leaving_.begin(), leaving_.end(), [&](const Process& process) { return process.pid == pid; });
  if (found == leaving_.end()) return false;
  Process process = *found;
  leaving_.erase(found);
  Died(process, wait_status);
  return true;
}

void Child::Died(const Process& process, int wait_status) {
  // Its number may be another process's from here on: the timer that would kill it goes first.
  if (process.kill) system_.Cancel(*process.kill);
  if (!process.kill) history_.Remember({process.started, system_.Now()});
  spdlog::info("{} (pid {}) {}", RoleName(role_), process.pid,
               wait_status == kUnknownEnd ? "ended" : DescribeExit(wait_status));
}

void Child::Kill() {
  if (current_) system_.Signal(current_->pid, SIGKILL);
  for (const Process& process : leaving_) system_.Signal(process.pid, SIGKILL);
}

std::optional<Child::Process> Child::NewProcess() {
  auto pid = system_.Start(role_);
  if (!pid) {
    spdlog::error("{}: cannot be started: {}", RoleName(role_), pid.error().message);
    return std::nullopt;
  }
  spdlog::info("{} (pid {}) started", RoleName(role_), *pid);
  return Process{*pid, system_.Now(), std::nullopt};
}

void Child::Launch() {
  restart_.reset();
  current_ = NewProcess();
  if (current_) {
    state_ = ChildState::kUp;
    if (on_up_) on_up_();
  } else {
    history_.Remember({system_.Now(), system_.Now()});
    AwaitRestart();
  }
}

void Child::LaunchNow() {
  if (restart_) system_.Cancel(*restart_);
  Launch();
}

void Child::AwaitRestart() {
  auto decision = DecideRestart(KeepForever(), history_, system_.Random());
  auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(decision.delay);
  if (decision.deaths_in_row > 1)
    spdlog::warn("{}: died {} times in a row; next start in {} ms", RoleName(role_), decision.deaths_in_row,
                 delay.count());
  state_ = ChildState::kWaiting;
  restart_ = system_.After(decision.delay, [this] { Handle(ChildEvent::kTimer); });
}

void Child::Replace() {
  if (overlaps_) return Overlap();
  state_ = ChildState::kReplacing;
  TellToEnd(*current_);
}

void Child::Overlap() {
  if (leaving_.size() >= limits::kLeavingPredecessors) {
    spdlog::warn("{}: not replaced: {} predecessors are still leaving", RoleName(role_), leaving_.size());
    return;
  }
  auto successor = NewProcess();
  if (!successor) return;  // the one that runs goes on
  leaving_.push_back(*current_);
  current_ = successor;
  TellToEnd(leaving_.back());
}

void Child::Terminate() {
  state_ = ChildState::kEnding;
  TellToEnd(*current_);
}

void Child::StopWaiting() {
  if (restart_) system_.Cancel(*restart_);
  restart_.reset();
  state_ = ChildState::kOff;
}

void Child::EndInstead() { state_ = ChildState::kEnding; }

void Child::ComeToRest() { state_ = ChildState::kOff; }

void Child::TellToEnd(Process& process) {
  system_.Signal(process.pid, SIGTERM);
  system_.Signal(process.pid, SIGCONT);  // one that is stopped could not hear it
  process.kill = system_.After(limits::kStopGrace, [this, pid = process.pid] { KillAfterGrace(pid); });
}

void Child::KillAfterGrace(pid_t pid) {
  spdlog::warn("{} (pid {}) has not ended within its grace: killed", RoleName(role_), pid);
  system_.Signal(pid, SIGKILL);
}

}  // namespace smhost
