// A control socket (wire/control.h) of a launcher or template: takes connections, hands each message to one function
// with the connection it came by. A connection that breaks or does not read is dropped; nothing else happens then.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/event_loop.h"
#include "base/sockets.h"

namespace smhost {

class ControlServer {
 public:
  using Connection = int;  // names one, as long as it stands

  ControlServer(EventLoop& loop, Descriptor listener, std::function<void(Connection, const std::string&)> on_message);

  // Sent first on each new connection; absent: nothing.
  void SetGreeting(std::string message) { greeting_ = std::move(message); }
  void Send(Connection to, const std::string& message);
  void SendToAll(const std::string& message);

 private:
  void Accept();
  void Receive(Connection from);
  void Drop(Connection connection);

  EventLoop& loop_;
  Descriptor listener_;
  std::function<void(Connection, const std::string&)> on_message_;
  std::string greeting_;
  std::map<Connection, Descriptor> connections_;
};

}  // namespace smhost
