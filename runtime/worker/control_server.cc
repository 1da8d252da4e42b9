#include "worker/control_server.h"

#include <vector>

#include "base/log.h"

namespace smhost {

ControlServer::ControlServer(EventLoop& loop, Descriptor listener,
                             std::function<void(Connection, const std::string&)> on_message)
    : loop_(loop), listener_(std::move(listener)), on_message_(std::move(on_message)) {
  loop_.OnReadable(listener_.get(), [this] { Accept(); });
}

void ControlServer::Accept() {
  auto accepted = AcceptConnection(listener_);
  if (!accepted) {
    if (accepted.error().code != Code::kNotFound) spdlog::error("control socket: {}", accepted.error().message);
    return;
  }
  Connection connection = accepted->get();
  connections_[connection] = std::move(*accepted);
  loop_.OnReadable(connection, [this, connection] { Receive(connection); });
  if (!greeting_.empty()) Send(connection, greeting_);
}

void ControlServer::Receive(Connection from) {
  auto message = ReceivePacket(connections_.at(from));
  if (message) return on_message_(from, *message);
  if (message.error().code != Code::kNotFound) Drop(from);
}

void ControlServer::Send(Connection to, const std::string& message) {
  auto it = connections_.find(to);
  if (it == connections_.end()) return;
  auto sent = SendPacket(it->second, message);
  if (sent) return;
  spdlog::warn("control connection dropped: {}", sent.error().message);
  Drop(to);
}

void ControlServer::SendToAll(const std::string& message) {
  std::vector<Connection> all;
  for (const auto& [connection, fd] : connections_) all.push_back(connection);
  for (Connection connection : all) Send(connection, message);
}

void ControlServer::Drop(Connection connection) {
  loop_.Forget(connection);
  connections_.erase(connection);
}

}  // namespace smhost
