#include "input.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/files.h"

namespace smhost::cli {
namespace {

Result<std::string> ReadStandardInput(std::size_t max_bytes) {
  std::string text;
  char buffer[64 * 1024];
  for (;;) {
    ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n == 0) return text;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("read", "standard input", errno);
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > max_bytes)
      return Fail(Code::kTooLarge, "standard input: more than the " + std::to_string(max_bytes) + " bytes allowed");
  }
}

}  // namespace

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

Result<std::string> ReadInput(const std::string& name, std::size_t max_bytes) {
  if (name == "-") return ReadStandardInput(max_bytes);
  return MakeSystemFiles()->Read(AbsolutePath(name), max_bytes);
}

}  // namespace smhost::cli
