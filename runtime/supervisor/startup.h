// What must be true before the supervisor's loop runs: a home that is ours, its lock, what a killed predecessor left
// ended, and sockets that listen. Called once, from the one thread; waits where it must; every failure names its remedy.
#pragma once

#include <memory>
#include <string>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/lock.h"
#include "base/result.h"
#include "state/home.h"
#include "supervisor/options.h"

namespace smhost {

struct Premises {
  Home home;
  FileLock lock;
  Descriptor tcp, local;  // listening: HTTP for the world, HTTP for the owner
  std::string address;
  int port = 0;
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

}  // namespace smhost
