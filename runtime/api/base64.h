// Base64 as RFC 4648 has it, with padding. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smhost {

std::string EncodeBase64(std::string_view bytes);
// Nothing: it is not base64.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace smhost
