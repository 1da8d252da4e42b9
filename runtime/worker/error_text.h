// Makes something readable of the text of torch's exceptions. Knows text only, no torch.
#pragma once

#include <string>

#include "base/result.h"

namespace smhost {

// The lines that say what is wrong: neither TorchScript's traceback nor C++'s, at most 2 KB.
std::string ReadableTorchMessage(const std::string& what);

// Whose fault a failed call is: kInvalid (the arguments do not fit), kTooLarge (out of memory), kInternal (the model
// raised something that does not blame its arguments), kCorrupt (the GPU cannot be used any more by this process).
Code CodeOfTorchMessage(const std::string& message);

}  // namespace smhost
