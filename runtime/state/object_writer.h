// What an ObjectWriter holds; for the object store's own files.
#pragma once

#include <utility>

#include "base/descriptor.h"
#include "state/object_folders.h"
#include "state/objects.h"

namespace smhost {

struct UnnamedObject {
  Descriptor root;  // outlives the temporary, which is named in it
  object_folders::Temporary temporary;
};

}  // namespace smhost
