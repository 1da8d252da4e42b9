// What an entry of an archive may be called. Pure: any thread, no I/O.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace smhost {

struct UnpackLimits;

// The name as a path relative to the archive's root: "./" parts and a closing '/' taken away, empty for the root itself.
// Refused (kInvalid, or kTooLarge for the limits; the message is only the reason): empty, absolute, with "..", an empty
// part, a backslash, control characters, not UTF-8, too long or too deep.
Result<std::string> CheckEntryName(std::string_view name, const UnpackLimits& limits);

// In single quotes, fit for a terminal and a log: control bytes and bytes that are no UTF-8 as \xNN, at most 200 bytes.
std::string QuoteName(std::string_view name);

}  // namespace smhost
