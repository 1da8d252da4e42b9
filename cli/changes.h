// What an apply has changed, as every verb that applies documents shows it: one line a resource. One thread.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "context.h"

namespace smhost::cli {

// "endpoint vad changed"; with -o json an array of {Kind, Name, Arn, Generation, Change, DryRun}.
Status ShowChanges(Context& context, const std::vector<Outcome>& outcomes, bool dry_run);

// Waits until the fleets of the changed documents serve; the endpoints' names and the time it took are notes then.
// `events_after`: younger events are shown meanwhile.
VerbResult AwaitEndpoints(Context& context, const std::vector<std::string>& names, std::chrono::milliseconds timeout,
                          std::int64_t events_after);

}  // namespace smhost::cli
