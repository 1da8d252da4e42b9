// AOTInductor packages (.pt2): native code compiled beforehand, run only where the document allows it. Only for
// torch_*.cc.
#pragma once

#include <memory>

#include "worker/model.h"

namespace smhost {

Result<std::unique_ptr<Model>> LoadPackage(const std::string& folder, const ModelFile& file, const Settings& settings);

}  // namespace smhost
