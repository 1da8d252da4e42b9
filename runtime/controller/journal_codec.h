// A Journal as JSON and back: what deployments/<endpoint>.json holds. Pure.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "planning/endpoint_plan.h"

namespace smhost {

Json JournalToJson(const Journal& journal);
Result<Journal> JournalFromJson(const Json& json);

// Of a fleet without its id and digests: equal wishes have equal revisions.
std::string RevisionOf(const Fleet& fleet);

}  // namespace smhost
