// A regular file as a source. The path may be a link to one; a device, FIFO or folder is refused without waiting on it.
#pragma once

#include <memory>
#include <string>

#include "artifacts/source.h"
#include "base/descriptor.h"

namespace smhost {

// `name` is what messages call it. kNotFound where there is no such file.
Result<std::unique_ptr<Source>> OpenFileSource(const std::string& path, const std::string& name);

// Of a regular file that is open already; `path` is what an error of the disk names.
std::unique_ptr<Source> MakeFileSource(Descriptor fd, const std::string& path, const std::string& name);

}  // namespace smhost
