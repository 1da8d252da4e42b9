#include "resources/numbers.h"

namespace smhost {

std::optional<Json> ParseNumber(const std::string& text) {
  // JSON allows spaces around a number; a parameter with spaces is no number.
  if (text.empty() || text.size() > 100 || text.find_first_not_of("0123456789+-.eE") != std::string::npos)
    return std::nullopt;
  Json number = Json::parse(text, nullptr, false);
  if (!number.is_number()) return std::nullopt;
  return number;
}

std::optional<std::string> ScalarText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return CompactJson(value);
  return std::nullopt;
}

}  // namespace smhost
