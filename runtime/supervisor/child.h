// One program that the supervisor keeps running. A table of states and events, one small function a cell; what happens
// outside goes through System. One thread; never waits.
//
//                 kWant        kDied               kTimer
//        Off ───────────► Up ─────────► Waiting ───────────► Up
//         ▲               │ │ kReplace            kDied
//         │               │ └─────────► Replacing ─────────► Up
//         │    kDied      │ kEnd
//         └──── Ending ◄──┘ (from every state; from Waiting straight to Off)
//
// A program that overlaps (gateway, API process) is not in Replacing: the new process is started first, then the old one is told
// to end, and leaves beside it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "planning/restart_policy.h"
#include "supervisor/system.h"

namespace smhost {

enum class ChildState { kOff, kUp, kWaiting, kReplacing, kEnding };
enum class ChildEvent { kWant, kDied, kTimer, kReplace, kEnd };

class Child {
 public:
  // on_up: called whenever a process was started.
  Child(System& system, Role role, bool overlaps, std::function<void()> on_up = {})
      : system_(system), role_(role), overlaps_(overlaps), on_up_(std::move(on_up)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Before any event: a process that is up already (state Up), or that is on its way out.
  void Adopt(pid_t pid);
  void AdoptLeaving(pid_t pid);

  void Handle(ChildEvent event);
  // A process ended. False: it is none of this child's.
  bool OnExit(pid_t pid, int wait_status);
  // SIGKILL to all its processes, those on their way out too.
  void Kill();

  ChildState state() const { return state_; }
  bool running() const { return state_ == ChildState::kUp; }
  bool gone() const { return !current_ && leaving_.empty(); }
  std::size_t leaving() const { return leaving_.size(); }
  // As another supervisor would adopt them.
  std::vector<Adoption> Processes() const;

 private:
  struct Process {
    pid_t pid = 0;
    MonotonicTime started{};
    std::optional<System::Timer> kill;  // once it was told to end
  };

  void Nothing() {}
  void Launch();
  void LaunchNow();
  void AwaitRestart();
  void Replace();
  void Terminate();
  void StopWaiting();
  void EndInstead();
  void ComeToRest();

  std::optional<Process> NewProcess();
  void Overlap();
  void TellToEnd(Process& process);
  void KillAfterGrace(pid_t pid);
  void Died(const Process& process, int wait_status);

  System& system_;
  const Role role_;
  const bool overlaps_;
  const std::function<void()> on_up_;
  ChildState state_ = ChildState::kOff;
  std::optional<Process> current_;
  std::vector<Process> leaving_;
  std::optional<System::Timer> restart_;
  RestartHistory history_;
};

}  // namespace smhost
