// Starting and ending the runtime of a state directory. One thread.
#pragma once

#include <chrono>
#include <optional>

#include "context.h"
#include "state/runtime_info.h"

namespace smhost::cli {

// Makes sure that a runtime answers requests; true where it had to be started. `port`: exactly this one.
// A failure names what smhostd said, or its log.
Result<bool> EnsureRuntime(Context& context, std::optional<int> port);

// Until GET /ping is answered; kTimedOut after a time in which a whole runtime would have come up.
Status AwaitAnswer(Context& context);

std::string UrlOf(const RuntimeInfo& info);
// "http://127.0.0.1:8790"; the failure that says how to start one where none runs.
Result<std::string> RuntimeUrl(Context& context);

}  // namespace smhost::cli
