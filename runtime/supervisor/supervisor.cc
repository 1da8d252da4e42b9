#include "supervisor/supervisor.h"

#include <signal.h>

#include "base/limits.h"
#include "base/log.h"

namespace smhost {

Supervisor::Supervisor(System& system)
    : system_(system),
      gateway_(system, Role::kGateway, true),
      controller_(system, Role::kController, false),
      launcher_(system, Role::kLauncher, false, [this] { AnswerIfDue(); }),
      api_(system, Role::kApi, true) {}

void Supervisor::Start(const std::vector<Adoption>& adopted) {
  Adopt(adopted);
  WantWhatAlwaysRuns();
}

void Supervisor::WantWhatAlwaysRuns() {
  for (Child* child : {&gateway_, &controller_, &api_}) child->Handle(ChildEvent::kWant);
}

void Supervisor::StartAnew(const std::vector<Adoption>& adopted, bool launcher_wanted) {
  Adopt(adopted);
  OnReplace();
  WantWhatAlwaysRuns();
  if (launcher_wanted) launcher_.Handle(ChildEvent::kWant);
}

void Supervisor::Adopt(const std::vector<Adoption>& adopted) {
  for (const Adoption& one : adopted) {
    Child& child = ChildIn(one.role);
    if (one.leaving) child.AdoptLeaving(one.pid);
    else child.Adopt(one.pid);
  }
}

Child& Supervisor::ChildIn(Role role) {
  switch (role) {
    case Role::kGateway: return gateway_;
    case Role::kController: return controller_;
    case Role::kLauncher: return launcher_;
    case Role::kApi: break;
  }
  return api_;
}

std::vector<Adoption> Supervisor::Processes() const {
  std::vector<Adoption> all;
  for (const Child* child : {&gateway_, &controller_, &launcher_, &api_})
    for (const Adoption& one : child->Processes()) all.push_back(one);
  return all;
}

void Supervisor::OnLauncherWanted() {
  if (stopping()) return;
  answer_owed_ = true;
  launcher_.Handle(ChildEvent::kWant);
  AnswerIfDue();
}

void Supervisor::AnswerIfDue() {
  if (!answer_owed_ || !launcher_.running()) return;
  answer_owed_ = false;
  system_.TellLauncherRuns();
}

void Supervisor::OnExit(pid_t pid, int wait_status) {
  bool ours = gateway_.OnExit(pid, wait_status) || controller_.OnExit(pid, wait_status) ||
              launcher_.OnExit(pid, wait_status) || api_.OnExit(pid, wait_status);
  if (!ours) spdlog::debug("orphan (pid {}) {}", pid, DescribeExit(wait_status));
  Advance();
}

void Supervisor::OnReplace() {
  if (stopping()) return;
  spdlog::info("restart: gateway, controller, launcher and API process are replaced; instances go on");
  gateway_.Handle(ChildEvent::kReplace);
  controller_.Handle(ChildEvent::kReplace);
  launcher_.Handle(ChildEvent::kReplace);
  api_.Handle(ChildEvent::kReplace);
}

void Supervisor::OnStop() {
  if (!stopping()) {
    spdlog::info("stop: the gateway drains, then all processes end");
    system_.CloseListeners();
    Enter(Phase::kGateway);
  } else if (!kill_) {
    spdlog::warn("stop: asked again, all processes are killed");
    kill_ = true;
    for (Child* child : {&gateway_, &controller_, &launcher_, &api_}) child->Kill();
  }
  Advance();
}

Child* Supervisor::ChildOf(Phase phase) {
  switch (phase) {
    case Phase::kGateway: return &gateway_;
    case Phase::kApi: return &api_;
    case Phase::kController: return &controller_;
    case Phase::kLauncher: return &launcher_;
    default: return nullptr;
  }
}

void Supervisor::Enter(Phase phase) {
  phase_ = phase;
  if (Child* child = ChildOf(phase)) {
    child->Handle(ChildEvent::kEnd);
    if (kill_) child->Kill();
  } else if (phase == Phase::kOthers) {
    if (!kill_) system_.After(limits::kStopGrace, [this] { kill_ = true; });
  } else if (phase == Phase::kDone) {
    system_.Finish();
  }
}

void Supervisor::Advance() {
  if (!stopping()) return;
  while (Child* child = ChildOf(phase_)) {
    if (!child->gone()) return;
    Enter(static_cast<Phase>(static_cast<int>(phase_) + 1));
  }
  if (phase_ == Phase::kOthers) EndOthers();
}

// Looks again until none is left: an orphan comes to us without a sign when its parent dies.
void Supervisor::EndOthers() {
  auto others = system_.Others();
  if (others.empty()) return Enter(Phase::kDone);
  for (const ProcessId& process : others) {
    bool first = told_.emplace(process.pid, process.start_time).second;
    if (kill_) {
      system_.SignalOther(process, SIGKILL);
    } else if (first) {
      system_.SignalOther(process, SIGTERM);
      system_.SignalOther(process, SIGCONT);
    }
  }
  if (look_again_) system_.Cancel(*look_again_);
  look_again_ = system_.After(limits::kStopLookAgain, [this] {
    look_again_.reset();
    Advance();
  });
}

}  // namespace smhost
