#include "base/event_loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <algorithm>

#include "base/check.h"

namespace smhost {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) { SMHOST_CHECK(epoll_); }

void EventLoop::OnReadable(int fd, std::function<void()> callback) {
  readers_[fd] = std::make_shared<std::function<void()>>(std::move(callback));
  Watch(fd);
}

void EventLoop::OnWritable(int fd, std::function<void()> callback) {
  if (!callback) {
    if (writers_.erase(fd) == 0) return;
    if (readers_.count(fd) == 0) return Forget(fd);
  } else {
    writers_[fd] = std::make_shared<std::function<void()>>(std::move(callback));
  }
  Watch(fd);
}

void EventLoop::Watch(int fd) {
  auto [registration, fresh] = registrations_.try_emplace(fd, next_registration_);
  if (fresh) ++next_registration_;
  epoll_event event{};
  event.events = (readers_.count(fd) != 0 ? EPOLLIN : 0u) | (writers_.count(fd) != 0 ? EPOLLOUT : 0u);
  event.data.u64 = static_cast<std::uint64_t>(registration->second) << 32 | static_cast<std::uint32_t>(fd);
  SMHOST_CHECK(::epoll_ctl(epoll_.get(), fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::Forget(int fd) {
  readers_.erase(fd);
  writers_.erase(fd);
  registrations_.erase(fd);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

bool EventLoop::IsOf(std::uint64_t registration, int fd) const {
  auto it = registrations_.find(fd);
  return it != registrations_.end() && it->second == registration;
}

void EventLoop::Call(const Callbacks& callbacks, int fd) {
  auto it = callbacks.find(fd);
  if (it == callbacks.end()) return;
  auto callback = it->second;  // kept alive while it runs, even if it forgets itself
  (*callback)();
}

EventLoop::Timer EventLoop::After(Duration delay, std::function<void()> callback) {
  MonotonicTime at = std::chrono::steady_clock::now() + delay;
  Timer timer = next_timer_++;
  timers_.emplace(std::pair(at, timer), std::move(callback));
  due_.emplace(timer, at);
  return timer;
}

void EventLoop::Cancel(Timer timer) {
  auto it = due_.find(timer);
  if (it == due_.end()) return;
  timers_.erase({it->second, timer});
  due_.erase(it);
}

void EventLoop::OnSignals(const std::vector<int>& signals, std::function<void(int)> callback) {
  sigset_t set;
  sigemptyset(&set);
  for (int number : signals) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  SMHOST_CHECK(signals_);
  OnReadable(signals_.get(), [this, callback = std::move(callback)] {
    signalfd_siginfo info;
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) callback(static_cast<int>(info.ssi_signo));
  });
}

void EventLoop::Run() {
  running_ = true;
  while (running_) RunOnce(std::chrono::hours(1));
}

void EventLoop::RunOnce(Duration longest) {
  auto now = std::chrono::steady_clock::now();
  auto until = now + longest;
  if (!timers_.empty()) until = std::min(until, timers_.begin()->first.first);
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
  epoll_event events[64];
  int count = ::epoll_wait(epoll_.get(), events, 64, static_cast<int>(std::clamp<long long>(wait, 0, 3'600'000)));
  for (int i = 0; i < count; ++i) {
    const int fd = static_cast<int>(events[i].data.u64 & 0xffffffffu);
    const std::uint64_t registration = events[i].data.u64 >> 32;
    bool broken = (events[i].events & (EPOLLERR | EPOLLHUP)) != 0;
    if ((broken || (events[i].events & EPOLLOUT) != 0) && IsOf(registration, fd)) Call(writers_, fd);
    if ((broken || (events[i].events & EPOLLIN) != 0) && IsOf(registration, fd)) Call(readers_, fd);
  }
  now = std::chrono::steady_clock::now();
  // Only those due now: one that adds another with no delay must not starve the descriptors.
  std::vector<std::pair<MonotonicTime, Timer>> due;
  for (auto& [key, callback] : timers_) {
    if (key.first > now) break;
    due.push_back(key);
  }
  for (const auto& key : due) {
    auto it = timers_.find(key);
    if (it == timers_.end()) continue;
    auto callback = std::move(it->second);
    timers_.erase(it);
    due_.erase(key.second);
    callback();
  }
}

}  // namespace smhost
