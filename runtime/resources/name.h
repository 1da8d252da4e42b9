// Which names resources and variants may have. Whoever makes a part of a path of a name asks here first. Any thread;
// pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "resources/kind.h"

namespace smhost {

inline constexpr std::size_t kNameLength = 63;

// ASCII letters and digits, hyphens between them, 1 to 63 characters: the rule of AWS for models, configurations,
// endpoints and variants alike.
bool IsName(std::string_view text);

// kInvalid, naming the kind, the (shortened) name and the rule.
Status ValidateName(Kind kind, const std::string& name);

}  // namespace smhost
