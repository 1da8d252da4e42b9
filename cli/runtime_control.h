// Starting and ending the runtime of a state directory. One thread.
#pragma once

#include <chrono>
#include <optional>

#include "context.h"
#include "state/runtime_info.h"

namespace smhost::cli {

// Makes sure that a runtime answers requests; true where it had to be started. `port`, `address`: exactly this one; the
// address empty where loopback will do. A failure names what smhostd said, or its log.
Result<bool> EnsureRuntime(Context& context, std::optional<int> port, const std::string& address = "");

// Until GET /ping is answered; kTimedOut after a time in which a whole runtime would have come up.
Status AwaitAnswer(Context& context);

// `https`: also where plain HTTP would be answered, which is on loopback.
std::string UrlOf(const RuntimeInfo& info, bool https = false);
// "http://127.0.0.1:8790"; the failure that says how to start one where none runs.
Result<std::string> RuntimeUrl(Context& context, bool https = false);

}  // namespace smhost::cli
