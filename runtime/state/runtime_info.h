// What the lock file of a home says about the runtime that holds it. The supervisor writes it, everybody else reads it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "state/home.h"

namespace smhost {

struct RuntimeInfo {
  pid_t pid = 0;                 // of the supervisor; 0: it holds the lock and has not yet said who it is
  std::uint64_t start_time = 0;  // clock ticks since boot, as base/process.h has it
  std::string address = "127.0.0.1";
  int port = 0;                  // 0: not listening yet
  std::string version;
  std::string started;           // ISO 8601
};

// Of numeric addresses: reached from this machine alone; stands for all of its addresses.
bool IsLoopbackAddress(const std::string& address);
bool IsAnyAddress(const std::string& address);

// The content of the lock file; one line.
std::string EncodeRuntimeInfo(const RuntimeInfo& info);

// Nothing where no runtime holds the lock, whatever an old file says.
std::optional<RuntimeInfo> RunningRuntime(const Home& home);

// What a supervisor that was killed had written, for the next one, which holds the lock. Nothing where the last runtime
// was stopped in order (the content is empty then) or the content cannot be read.
std::optional<RuntimeInfo> KilledRuntime(const Home& home);

}  // namespace smhost
