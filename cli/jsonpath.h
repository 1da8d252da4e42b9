// kubectl's JSONPath templates, the part that scripts use: text, {.a.b}, {['a']}, {[0]}, {[-1]}, {[1:3]}, {[*]}, {.*},
// {"\n"}, {range EXPR}…{end}, and $ or @ for the current value. A bare ".a.b" counts as "{.a.b}". A member that is not
// there gives nothing. On a list, ".items" means the list itself, so that kubectl's habits work. Pure.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace smhost::cli {

// kInvalid, naming the place, for a template that cannot be read.
Result<std::string> EvaluateJsonPath(const std::string& pattern, const Json& value);

}  // namespace smhost::cli
