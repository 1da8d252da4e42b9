// The processes of a runtime, from what they left in the state directory and from /proc. Reads alone. Linux.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/files.h"
#include "state/home.h"

namespace smhost::cli {

struct RuntimeProcess {
  std::string role;    // "supervisor", "controller", "gateway", "launcher", "template", "instance"
  std::string object;  // "vad/AllTraffic/0", a template's digest; empty for the others
  pid_t pid = 0;
  std::uint64_t memory_bytes = 0;  // its share: pages that several use count in parts (PSS)
};

// Those that live, in the order of the roles above.
std::vector<RuntimeProcess> ProcessesOf(Files& files, const Home& home);

}  // namespace smhost::cli
