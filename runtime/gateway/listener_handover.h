// Serves run/listeners.sock: a supervisor that follows one that was killed gets our listening sockets there and goes on
// with them, so that no connection is refused and the port stays. The main thread.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/result.h"

namespace smhost {

class ListenerHandover {
 public:
  explicit ListenerHandover(EventLoop& loop) : loop_(loop) {}
  ~ListenerHandover() { Close(); }

  // Takes the path over, from a gateway that is leaving too. The descriptors stay the caller's; -1: none.
  Status Serve(const std::string& path, int tcp, int local, int beat);
  // The path stays: it may be another gateway's by now.
  void Close();

 private:
  void Give();

  EventLoop& loop_;
  Descriptor listener_;
  int tcp_ = -1, local_ = -1, beat_ = -1;
};

}  // namespace smhost
