// The real System: the event loop, the children's processes, the lock and the listening sockets, which stay open in
// here whatever happens to a gateway, so that a connection waits instead of being refused. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/files.h"
#include "supervisor/children_file.h"
#include "supervisor/inheritance.h"
#include "supervisor/startup.h"
#include "supervisor/supervisor.h"
#include "supervisor/system.h"
#include "supervisor/watchdog.h"

namespace smhost {

// Each process that we start gets a heartbeat (base/heartbeat.h); one whose work loop stands still is killed. fd 3 of a
// controller is a stream to us, non-blocking. It writes 'L' when it needs a launcher and reads 'l' once one
// runs; we keep one from then on. A launcher's program is smhost-worker beside smhostd, or $SMHOST_WORKER.
class Runtime final : private System {
 public:
  // `program`, `worker`: what is started, and run anew at a restart; absolute. `foreground`: so are we.
  Runtime(Files& files, Premises premises, std::string program, std::string worker, bool foreground);

  // Until everything has ended in order.
  void Run();

 private:
  struct Kept {
    Watchdog watchdog;
    Descriptor beat;     // absent: it cannot be watched
    Descriptor process;  // a pidfd where it is no child of ours
  };

  Result<pid_t> Start(Role role) override;
  void Signal(pid_t pid, int signal) override;
  MonotonicTime Now() override;
  std::uint64_t Random() override;
  Timer After(Duration delay, std::function<void()> callback) override {
    return loop_.After(delay, std::move(callback));
  }
  void Cancel(Timer timer) override { loop_.Cancel(timer); }
  void TellLauncherRuns() override;
  void CloseListeners() override;
  std::vector<ProcessId> Others() override;
  void SignalOther(const ProcessId& process, int signal) override;
  void Finish() override { loop_.Stop(); }

  Result<pid_t> StartController();
  Result<pid_t> StartGateway();
  Result<pid_t> StartLauncher();
  Result<pid_t> StartApi();
  Result<pid_t> SpawnRecorded(Role role, std::vector<std::string> arguments,
                              std::vector<std::pair<int, int>> descriptors);
  void Record(Role role, pid_t pid);
  void Adopt(AdoptedProcess& adopted);
  void OnSignal(int signal);
  void Reap();
  void Ended(pid_t pid, int wait_status);
  void LookAtBeats();
  void ProbeProgram();
  void OnProbed(int wait_status);
  void RunAnew();
  void StayAsWeAre(const std::string& why);
  Inheritance WhatIsLeft() const;
  void ReadController();
  void CloseControllerLink();
  void RemoveTraces();

  Files& files_;
  Premises premises_;
  const std::string program_, worker_;
  const bool foreground_;
  EventLoop loop_;
  Descriptor controller_link_;
  std::vector<ChildRecord> children_;
  std::map<pid_t, Kept> kept_;  // each that Supervisor knows
  pid_t probe_ = 0;             // of our program's new file
  Supervisor supervisor_;
};

}  // namespace smhost
