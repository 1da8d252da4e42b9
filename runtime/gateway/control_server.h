// The gateway's side of run/gateway.sock. One controller at a time: the newest connection is the one that is answered,
// since an older one belongs to a controller that was replaced. The main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/result.h"
#include "wire/control.h"

namespace smhost {

class ControlServer {
 public:
  ControlServer(EventLoop& loop, std::function<void(std::uint64_t generation)> routes_ready);
  ~ControlServer();

  // Takes the path over, from a gateway that is leaving too.
  Status Listen(const std::string& path);
  // The path stays: it may be another gateway's by now.
  void Close();

  // Nothing where no controller is connected; one that cannot be reached is dropped, and asks again.
  void Send(const std::string& message);

 private:
  void Accept();
  void Read();
  void Drop();

  EventLoop& loop_;
  std::function<void(std::uint64_t)> routes_ready_;
  Descriptor listener_, controller_;
};

}  // namespace smhost
