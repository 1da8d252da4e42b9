// Base64 as RFC 4648 has it. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smhost {

// With padding. Decoding takes what encoding gives and nothing else.
std::string EncodeBase64(std::string_view bytes);
std::optional<std::string> DecodeBase64(std::string_view text);

// Section 5: "-" and "_" for "+" and "/", without padding, so that it may stand in an address.
std::string EncodeBase64Url(std::string_view bytes);
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace smhost
