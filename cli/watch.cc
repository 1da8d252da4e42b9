#include "watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

namespace smhost::cli {

FolderWatch::FolderWatch() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

void FolderWatch::Add(const std::string& folder) {
  if (!fd_) return;
  int watch = ::inotify_add_watch(
      fd_.get(), folder.c_str(),
      IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_ONLYDIR);
  if (watch >= 0) watched_.insert(watch);
}

void FolderWatch::Wait(std::chrono::milliseconds longest) {
  if (watched_.empty()) longest = std::min(longest, std::chrono::milliseconds(100));
  pollfd waiting{fd_.get(), POLLIN, 0};
  int milliseconds = static_cast<int>(std::clamp<long long>(longest.count(), 0, 60'000));
  if (::poll(&waiting, 1, milliseconds) <= 0) return;
  alignas(inotify_event) char buffer[16 * 1024];
  while (::read(fd_.get(), buffer, sizeof buffer) > 0) {
  }
}

}  // namespace smhost::cli
