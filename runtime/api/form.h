// The parameters of a form (application/x-www-form-urlencoded), in a body or in a target's query. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace smhost {

using FormParameters = std::vector<std::pair<std::string, std::string>>;

// Decoded, in the order sent. kInvalid: not what a form is, or not UTF-8; kTooLarge: more than
// limits::kApiQueryParameters.
Result<FormParameters> ParseForm(std::string_view text);

}  // namespace smhost
