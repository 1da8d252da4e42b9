// The KIND and NAME of the command line. Pure.
#pragma once

#include <string>

#include "exit.h"
#include "resources/kind.h"

namespace smhost::cli {

// "model", "models", "m", …, in any case; else a usage error with the kinds there are and what could be meant.
tl::expected<Kind, Failure> ParseKind(const std::string& text);
// "model (m), endpoint-config (ec), …": what the help says of KIND.
std::string KindList();

}  // namespace smhost::cli
