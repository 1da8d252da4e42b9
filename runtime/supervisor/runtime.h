// The real System: the event loop, the children's processes, the lock and the listening sockets, which stay open in
// here whatever happens to a gateway, so that a connection waits instead of being refused. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/files.h"
#include "supervisor/children_file.h"
#include "supervisor/startup.h"
#include "supervisor/supervisor.h"
#include "supervisor/system.h"

namespace smhost {

// fd 3 of a controller is a stream to us, non-blocking. It writes 'L' when it needs a launcher and reads 'l' once one
// runs; we keep one from then on. A launcher's program is smhost-worker beside smhostd, or $SMHOST_WORKER.
class Runtime final : private System {
 public:
  Runtime(Files& files, Premises premises, std::string program, std::string worker);

  // Until everything has ended in order.
  void Run();

 private:
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
  Result<pid_t> SpawnRecorded(Role role, std::vector<std::string> arguments,
                              std::vector<std::pair<int, int>> descriptors);
  void Record(Role role, pid_t pid);
  void OnSignal(int signal);
  void Reap();
  void ReadController();
  void CloseControllerLink();
  void RemoveTraces();

  Files& files_;
  Premises premises_;
  const std::string program_, worker_;
  EventLoop loop_;
  Descriptor controller_link_;
  std::vector<ChildRecord> children_;
  Supervisor supervisor_;
};

}  // namespace smhost
