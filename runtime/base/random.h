// Randomness of the kernel, fit for secrets. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smhost {

std::string RandomBytes(std::size_t count);
std::string RandomHex(std::size_t bytes);  // two lower-case digits a byte
std::string HexOf(std::string_view bytes);

}  // namespace smhost
