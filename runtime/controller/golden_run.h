// Sends the requests of golden sets to an instance, one after another, and compares the answers. Used by the process
// `smhostd golden`, on its only thread; it waits, but for no answer longer than a request may take.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "resources/golden_set.h"

namespace smhost {

struct GoldenOutcome {
  std::string failure;  // empty: all passed. "request 3 (name): at $.predictions[0] expected 0.5, got 0.7, …"
  std::size_t requests = 0;  // answered
  double slowest_ms = 0;
};

// The set, with the files that it names read from `folder`. kInvalid or the file's own error, each naming what is wrong.
Result<GoldenSet> ReadGoldenSet(Files& files, const std::string& path, const std::string& folder);

GoldenOutcome RunGoldenSets(const Clock& clock, const std::string& instance_socket, const std::vector<GoldenSet>& sets);

}  // namespace smhost
