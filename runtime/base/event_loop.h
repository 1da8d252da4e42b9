// One thread's loop over descriptors, timers and signals (epoll, signalfd). Sleeps until something happens: no polling.
// All calls from the thread that runs it; callbacks may add and remove anything, themselves too.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"

namespace smhost {

class EventLoop {
 public:
  EventLoop();

  // Calls back while the descriptor is readable or hung up (level-triggered). The descriptor stays the caller's;
  // Forget it before closing it.
  void OnReadable(int fd, std::function<void()> callback);
  // Calls back while the descriptor takes bytes again; an empty callback ends that (Forget ends both).
  void OnWritable(int fd, std::function<void()> callback);
  void Forget(int fd);

  using Timer = std::uint64_t;
  Timer After(Duration delay, std::function<void()> callback);  // once
  void Cancel(Timer timer);                                     // done too if it ran already

  // Blocks the signals for this thread (call before other threads start) and calls back with the signal's number.
  void OnSignals(const std::vector<int>& signals, std::function<void(int)> callback);

  void Run();   // until Stop()
  void Stop() { running_ = false; }
  // One round: waits up to `longest` for an event.
  void RunOnce(Duration longest);

 private:
  using Callbacks = std::map<int, std::shared_ptr<std::function<void()>>>;
  void Watch(int fd);
  bool IsOf(std::uint64_t registration, int fd) const;
  static void Call(const Callbacks& callbacks, int fd);

  Descriptor epoll_, signals_;
  Callbacks readers_, writers_;
  // What epoll's events carry: the number of a descriptor may pass to another while an event for the one before waits.
  std::map<int, std::uint32_t> registrations_;
  std::uint32_t next_registration_ = 1;
  std::map<std::pair<MonotonicTime, Timer>, std::function<void()>> timers_;
  std::map<Timer, MonotonicTime> due_;
  Timer next_timer_ = 1;
  bool running_ = false;
};

}  // namespace smhost
