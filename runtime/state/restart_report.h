// run/restart.json: how the last restart of the runtime's programs went; written by the supervisor, read by the command
// line, which waits for the next one.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

struct RestartReport {
  std::uint64_t number = 0;  // one more each time; 0: there was none
  std::string error;         // why everything stayed as it was; empty: our program runs anew
};

RestartReport ReadRestartReport(Files& files, const Home& home);
// Under the next number.
Status WriteRestartReport(Files& files, const Home& home, const std::string& error);

}  // namespace smhost
