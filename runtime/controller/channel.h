// One packet socket to a launcher or a template: hands over whole messages, tells when the other side is gone.
// The controller's thread.
#pragma once

#include <functional>
#include <string>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/json.h"
#include "base/result.h"

namespace smhost {

class Channel {
 public:
  using OnMessage = std::function<void(const std::string& op, const Json& message)>;
  Channel(EventLoop& loop, Descriptor socket, OnMessage message, std::function<void()> gone);
  ~Channel();
  Channel(const Channel&) = delete;

  Status Send(const std::string& message);

 private:
  void Read();

  EventLoop& loop_;
  Descriptor socket_;
  OnMessage message_;
  std::function<void()> gone_;
};

}  // namespace smhost
