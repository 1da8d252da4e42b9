// The models that LibTorch runs. Torch's own headers stay in torch_*.cc: each file that includes them takes 20 s to
// compile.
#pragma once

#include <memory>

#include "worker/model.h"

namespace smhost {

std::unique_ptr<Backend> MakeTorchBackend();

}  // namespace smhost
