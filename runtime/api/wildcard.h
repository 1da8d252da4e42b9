// Patterns with * (any characters, none too) and ? (one character), as IAM has them. Pure; any thread.
#pragma once

#include <string_view>

namespace smhost {

// The whole text. Takes at most pattern × text steps, whatever they hold.
bool WildcardMatches(std::string_view pattern, std::string_view text);

}  // namespace smhost
