#include "base/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace smhost {

Result<FileLock> FileLock::Take(const std::string& path, std::chrono::milliseconds wait, bool inheritable) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | (inheritable ? 0 : O_CLOEXEC), 0600));
  if (!fd) return FailErrno("open", path, errno);
  auto until = std::chrono::steady_clock::now() + wait;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return FailErrno("lock", path, errno);
    if (std::chrono::steady_clock::now() >= until) return Fail(Code::kConflict, path + ": locked by another process");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return FileLock(std::move(fd));
}

bool FileLock::Held(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return false;
  return ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Status FileLock::SetContent(std::string_view text) {
  if (::ftruncate(fd_.get(), 0) != 0 || ::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return FailErrno("write", "lock file", errno);
  return {};
}

}  // namespace smhost
