#include "base/heartbeat.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/limits.h"

namespace smhost {
namespace {

void Beat(EventLoop& loop, int fd, const std::shared_ptr<std::function<bool()>>& alive) {
  std::uint64_t one = 1;
  if (!*alive || (*alive)()) [[maybe_unused]] ssize_t n = ::write(fd, &one, sizeof one);
  loop.After(limits::kBeatEvery, [&loop, fd, alive] { Beat(loop, fd, alive); });
}

}  // namespace

Result<Descriptor> MakeHeartbeat() {
  Descriptor fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return FailErrno("make an eventfd", "heartbeat", errno);
  return fd;
}

void KeepBeating(EventLoop& loop, int fd, std::function<bool()> alive) {
  if (fd >= 0) Beat(loop, fd, std::make_shared<std::function<bool()>>(std::move(alive)));
}

bool TakeBeats(const Descriptor& heartbeat) {
  std::uint64_t count = 0;
  return ::read(heartbeat.get(), &count, sizeof count) == sizeof count;
}

}  // namespace smhost
