// Is a text UTF-8? For what must be so before it is shown, compared or written into a document. Pure; any thread.
#pragma once

#include <string_view>

namespace smhost {

// By RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace smhost
