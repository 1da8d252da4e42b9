// The launcher: libtorch is loaded, no model. Forks templates on the controller's order and reaps them. Its death costs
// nothing that runs: templates and instances live on. One thread, one loop.
#pragma once

#include <string>

#include "state/home.h"
#include "worker/model.h"

namespace smhost {

// Runs until SIGTERM; the value is the exit code. `log_path` empty: stderr.
int RunLauncher(const Home& home, const std::string& log_path, Backend& backend);

}  // namespace smhost
