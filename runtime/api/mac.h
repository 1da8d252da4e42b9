// Message authentication codes and their comparison. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace smhost {

std::string HmacSha256(std::string_view key, std::string_view text);      // 32 bytes
std::string HmacSha1Base64(std::string_view key, std::string_view text);  // for Signature Version 2

// Takes the same time wherever two texts of one length differ.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace smhost
