// A Journal as JSON and back: what deployments/<endpoint>.json holds. Pure.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "planning/journal.h"

namespace smhost {

// Monotonic times mean something within one boot of the machine alone: the boot's id is written beside them.
Json JournalToJson(const Journal& journal, const std::string& boot_id);
// After another boot, what was waited for since some time is waited for from `now` on.
Result<Journal> JournalFromJson(const Json& json, const std::string& boot_id, MonotonicTime now);

Json FleetToJson(const Fleet& fleet);

// Of a fleet without its id, the digests of snapshots and golden sets: equal wishes have equal revisions.
std::string RevisionOf(const Fleet& fleet);

}  // namespace smhost
