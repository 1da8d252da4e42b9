// Numbers and truth values as text and back, by the rules of JSON: what templates do without saying so. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace smhost {

// The number that a text is as a whole, "12" or "0.5"; nothing for any other text and for numbers beyond a double.
std::optional<Json> ParseNumber(const std::string& text);
// The text of a string, number or boolean; nothing for any other value.
std::optional<std::string> ScalarText(const Json& value);

}  // namespace smhost
