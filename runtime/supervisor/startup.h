// What must be true before the supervisor's loop runs: a home that is ours, its lock, what a killed predecessor left
// taken over or ended, and sockets that listen. Called once, from the one thread; waits where it must; every failure names its remedy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/lock.h"
#include "base/result.h"
#include "state/home.h"
#include "supervisor/options.h"
#include "supervisor/system.h"

namespace smhost {

// A process that goes on under this supervisor.
struct AdoptedProcess {
  Adoption what;
  ProcessId id;
  Descriptor process;  // a pidfd where it is no child of ours
  Descriptor beat;     // base/heartbeat.h; absent: it cannot be watched
};

struct Premises {
  Home home;
  FileLock lock;
  Descriptor tcp, local;  // listening: HTTP for the world, HTTP for the owner
  std::string address;
  int port = 0;
  std::vector<AdoptedProcess> adopted;
  bool after_restart = false;    // our program was replaced: so are those of what is adopted
  bool launcher_wanted = false;  // then
  Descriptor controller_link;    // then
};

// What `smhostd up` ends with.
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitRunsAlready = 100;  // another runtime has this home

struct StartupFailure {
  int exit_code = kExitFailed;
  std::string message;
};

// Logs to the home's logs/supervisor.log (stderr in the foreground) from the moment the lock is taken.
tl::expected<Premises, StartupFailure> PreparePremises(Files& files, const UpOptions& options,
                                                       const std::string& version);

// Writes process, address, port and version into the lock file, for the command line.
Status SayWhoWeAre(Premises& premises, const std::string& version);

}  // namespace smhost
