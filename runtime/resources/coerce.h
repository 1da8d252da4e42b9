// CloudFormation's silent conversions, narrowed: a value that a function of a template produced becomes what the schema
// wants at its place ("2" → 2 for a count, 2 → "2" in Environment). Literals are left as they were written. Pure.
#pragma once

#include <set>
#include <string>

#include "base/json.h"

namespace smhost {

// `produced` holds the paths, as in faults, of the values that functions made; `path` is that of `value`.
void Coerce(const Json& root, const std::set<std::string>& produced, const std::string& path, Json& value);

}  // namespace smhost
