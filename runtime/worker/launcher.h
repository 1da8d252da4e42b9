// The launcher: libtorch is loaded, no model. Forks templates on the controller's order and reaps them. Its death costs
// nothing that runs: templates and instances live on. One thread, one loop.
#pragma once

#include <string>

#include "state/home.h"
#include "worker/model.h"

namespace smhost {

// Runs until SIGTERM; the value is the exit code. `log_path` empty: stderr. `beat_fd`: base/heartbeat.h; -1: none.
int RunLauncher(const Home& home, const std::string& log_path, int beat_fd, Backend& backend);

}  // namespace smhost
