// Which endpoints a change of documents reaches: those in it, and those that use a configuration or a model in it.
// The command line and the operations of this folder ask, each with a store of its own on one thread. Reads; changes
// nothing.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "resources/kind.h"
#include "state/store.h"

namespace smhost {

// Sorted by name.
Result<std::vector<std::string>> EndpointsReached(Store& store, const std::string& account,
                                                  const std::set<std::pair<Kind, std::string>>& changed);

}  // namespace smhost
