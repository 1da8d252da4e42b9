// What the supervisor's decisions need from the system, as calls that a test can answer. The real one is runtime.h.
// One thread; no call blocks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "base/result.h"

namespace smhost {

enum class Role { kController, kGateway, kLauncher };
const char* RoleName(Role role);  // "controller", …

class System {
 public:
  virtual ~System() = default;

  // A new process of that role. It stays ours, under its number, until its end was told by Supervisor::OnExit.
  virtual Result<pid_t> Start(Role role) = 0;
  virtual void Signal(pid_t pid, int signal) = 0;  // one that Start gave

  virtual MonotonicTime Now() = 0;
  virtual std::uint64_t Random() = 0;
  using Timer = std::uint64_t;
  virtual Timer After(Duration delay, std::function<void()> callback) = 0;
  virtual void Cancel(Timer timer) = 0;

  // To the controller: a launcher runs.
  virtual void TellLauncherRuns() = 0;
  // From here on connections are refused (once no gateway has the sockets any more).
  virtual void CloseListeners() = 0;
  // Every other process of this runtime: orphans that came to us, and those an earlier supervisor left.
  virtual std::vector<ProcessId> Others() = 0;
  virtual void SignalOther(const ProcessId& process, int signal) = 0;
  // Nothing of the runtime is left.
  virtual void Finish() = 0;
};

}  // namespace smhost
