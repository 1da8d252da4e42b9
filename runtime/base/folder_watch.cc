#include "base/folder_watch.h"

#include <sys/inotify.h>

#include <cerrno>

namespace smhost {

FolderWatch::FolderWatch(EventLoop& loop, std::function<void()> changed)
    : loop_(loop), changed_(std::move(changed)), inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (inotify_) loop_.OnReadable(inotify_.get(), [this] { Read(); });
}

FolderWatch::~FolderWatch() {
  if (inotify_) loop_.Forget(inotify_.get());
}

Status FolderWatch::Add(const std::string& folder) {
  if (watches_.count(folder) != 0) return {};
  // A file appears by rename and goes by unlink; folders appear by mkdir.
  int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), IN_MOVED_TO | IN_DELETE | IN_CREATE | IN_ONLYDIR);
  if (watch < 0) return FailErrno("watch (see fs.inotify.max_user_watches)", folder, errno);
  watches_[folder] = watch;
  return {};
}

void FolderWatch::Read() {
  alignas(inotify_event) char room[16 * 1024];
  bool any = false;
  while (::read(inotify_.get(), room, sizeof room) > 0) any = true;
  if (any) changed_();
}

}  // namespace smhost
