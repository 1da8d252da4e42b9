// The one door for JSON that is not a payload: nothing else calls nlohmann's parser. It refuses what nlohmann lets pass:
// bytes after a NUL, duplicate keys, more than limits::kJsonDepth levels, too many bytes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace smhost {

using Json = nlohmann::json;  // objects sorted by key: a dump is canonical

// `what` names the text in the error, e.g. a file; the message tells line and column.
Result<Json> ParseJson(std::string_view text, const std::string& what, std::size_t max_bytes);

// Text for a file that people may read, ending in a newline.
std::string PrettyJson(const Json& value);
// One line. Bytes that are no UTF-8 are replaced, so this never throws.
std::string CompactJson(const Json& value);

// Members with a default: the member's value where it is there and has the type, else the default.
std::string StringOr(const Json& object, const char* key, const std::string& fallback = {});
std::int64_t IntOr(const Json& object, const char* key, std::int64_t fallback = 0);
double DoubleOr(const Json& object, const char* key, double fallback = 0);
bool BoolOr(const Json& object, const char* key, bool fallback = false);
// The member, or an empty (null) value.
const Json& MemberOr(const Json& object, const char* key);

}  // namespace smhost
