// What the supervisor's decisions need from the system, as calls that a test can answer. The real one is runtime.h.
// One thread; no call blocks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "base/result.h"

namespace smhost {

enum class Role { kController, kGateway, kLauncher, kApi };
const char* RoleName(Role role);  // "controller", …
std::optional<Role> RoleNamed(const std::string& name);

// Of a process that is not our child nobody tells how it ended.
inline constexpr int kUnknownEnd = -1;

// A process of that role that ran before this supervisor did.
struct Adoption {
  Role role = Role::kGateway;
  pid_t pid = 0;
  bool leaving = false;  // it was told to end and has a successor
  bool operator==(const Adoption&) const = default;
};

class System {
 public:
  virtual ~System() = default;

  // A new process of that role. It, and each that is adopted, stays ours, under its number, until its end was told by
  // Supervisor::OnExit.
  virtual Result<pid_t> Start(Role role) = 0;
  virtual void Signal(pid_t pid, int signal) = 0;  // one that Start gave or that was adopted

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
