// The Parameters section of a template: declarations, defaults and what was given, checked by CloudFormation's rules.
// Any thread; pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "resources/fault.h"

namespace smhost {

// Name → value: a string, or an array of strings for lists. A number stays the text it was written as; where a
// property wants a number, coerce.h makes one of it. Of `given`, names that `section` does not declare are not looked
// at.
std::map<std::string, Json> ReadParameters(const Json& section, const std::map<std::string, std::string>& given,
                                           std::vector<Fault>& faults);

}  // namespace smhost
