// Does an operation's input keep what its shapes ask for: members that must be there, lengths, ranges, patterns, enums? All
// faults in one message, in AWS's words. Pure; any thread.
#pragma once

#include <optional>

#include "api/api_error.h"
#include "api/shapes.h"
#include "base/json.h"

namespace smhost {

// `input` has the types of its shape (ReadInput saw to that). ValidationException:
//   2 validation errors detected: Value null at 'alarmName' failed to satisfy constraint: Member must not be null; Value 'x' at
//   'productionVariants.1.member.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [...]
std::optional<ApiError> CheckConstraints(const Shape& shape, const Json& input);

}  // namespace smhost
