#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace smhost {

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t done = 0; done < count;) {
    ssize_t n = ::getrandom(bytes.data() + done, count - done, 0);
    if (n < 0 && errno == EINTR) continue;
    SMHOST_CHECK(n > 0);
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::string RandomHex(std::size_t bytes) { return HexOf(RandomBytes(bytes)); }

std::string HexOf(std::string_view bytes) {
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace smhost
