// Times on the wire of the AWS APIs. Within the programs a time of an operation is a number: seconds since 1970. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/shapes.h"
#include "base/json.h"

namespace smhost {

// ISO 8601 (a date, or a date and time with an optional fraction, and Z or an offset), RFC 822 or a number of seconds;
// nothing: none of them, or beyond the years 1 to 9999.
std::optional<double> ParseApiTime(std::string_view text);
// A number of seconds, or text as above.
std::optional<double> ApiSeconds(const Json& value);

// The time in this form: a number (an integer where it is whole, milliseconds else) for kUnixTimestamp, else text. kDefault:
// kIso8601.
Json ApiTime(double seconds, TimeFormat format);

}  // namespace smhost
