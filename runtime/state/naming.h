// What else than a resource's name (resources/name.h) becomes part of a path or of a message of the state directory.
#pragma once

#include <string>

#include "base/result.h"
#include "resources/kind.h"

namespace smhost {

// Twelve digits, else kInvalid.
Status CheckAccount(const std::string& account);
// "endpoint/vad": how messages and Error::resource name a resource.
std::string ResourceLabel(Kind kind, const std::string& name);

}  // namespace smhost
