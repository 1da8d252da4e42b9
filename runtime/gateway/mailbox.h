// Messages from the loops to the main thread: functions that the main thread's event loop calls, in order. The one lock
// that threads of the gateway share; requests do not pass here.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "base/descriptor.h"
#include "base/event_loop.h"

namespace smhost {

class Mailbox {
 public:
  explicit Mailbox(EventLoop& loop);
  ~Mailbox();

  void Post(std::function<void()> message);  // any thread

 private:
  void Deliver();

  EventLoop& loop_;
  Descriptor signal_;
  std::mutex mutex_;
  std::vector<std::function<void()>> messages_;  // guarded by mutex_
};

}  // namespace smhost
