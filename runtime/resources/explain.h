// `smhost explain`: what a kind or one of its properties is, from its schema. Any thread; pure.
#pragma once

#include <string>

#include "base/result.h"

namespace smhost {

// "endpoint-config.ProductionVariants.InstanceType": case does not matter, list indices may be written and are passed
// over. Several lines. kNotFound with the nearest name for a path that does not exist.
Result<std::string> Explain(const std::string& path);

}  // namespace smhost
