// Any text as XML can hold it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace smhost {

// The text with U+FFFD for each byte that is no UTF-8, and for control characters that XML 1.0 does not have.
std::string XmlText(std::string_view text);

}  // namespace smhost
