// A body that a client has compressed. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace smhost {

// One gzip stream and nothing behind it. kTooLarge past `most_bytes`, of which no more are unpacked; kInvalid: no gzip.
Result<std::string> Gunzip(std::string_view packed, std::size_t most_bytes);

}  // namespace smhost
