// Reads what a person names on the command line: a file, or standard input. Bounded.
#pragma once

#include <string>

#include "base/result.h"

namespace smhost::cli {

// `name`: a path, or "-" for standard input. kTooLarge past max_bytes.
Result<std::string> ReadInput(const std::string& name, std::size_t max_bytes);

// The path from the root on; relative ones begin in the folder we were started in.
std::string AbsolutePath(const std::string& path);

}  // namespace smhost::cli
