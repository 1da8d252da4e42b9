// Removes a tree whose folders may be read-only, as snapshots are. Never follows a link.
#pragma once

#include <string>

#include "base/result.h"

namespace smhost {

// Done too if it is not there.
Status RemoveReadOnlyTree(const std::string& path);

}  // namespace smhost
