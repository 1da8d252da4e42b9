#include "gateway/control_server.h"

#include "base/log.h"
#include "base/sockets.h"

namespace smhost {

ControlServer::ControlServer(EventLoop& loop, std::function<void(std::uint64_t)> routes_ready)
    : loop_(loop), routes_ready_(std::move(routes_ready)) {}

ControlServer::~ControlServer() { Close(); }

Status ControlServer::Listen(const std::string& path) {
  constexpr int kBacklog = 16;
  SMHOST_TRY(listener_, ListenUnix(path, SocketKind::kPacket, kBacklog));
  loop_.OnReadable(listener_.get(), [this] { Accept(); });
  return {};
}

void ControlServer::Close() {
  Drop();
  if (!listener_) return;
  loop_.Forget(listener_.get());
  listener_.Reset();
}

void ControlServer::Send(const std::string& message) {
  if (!controller_) return;
  if (auto sent = SendPacket(controller_, message); !sent) {
    spdlog::warn("controller: {}", sent.error().message);
    Drop();
  }
}

void ControlServer::Accept() {
  while (true) {
    auto accepted = AcceptConnection(listener_);
    if (!accepted) {
      if (accepted.error().code != Code::kNotFound) spdlog::warn("controller: {}", accepted.error().message);
      return;
    }
    Drop();
    controller_ = std::move(*accepted);
    loop_.OnReadable(controller_.get(), [this] { Read(); });
  }
}

void ControlServer::Read() {
  while (controller_) {
    auto text = ReceivePacket(controller_);
    if (!text) {
      if (text.error().code != Code::kNotFound) Drop();
      return;
    }
    std::string op;
    auto message = ParseMessage(*text, op);
    auto ready = message ? DecodeRoutesReady(*message) : Fail(message.error());
    if (!ready) {
      spdlog::warn("controller: {}", ready.error().message);
      return Drop();
    }
    routes_ready_(ready->generation);
  }
}

void ControlServer::Drop() {
  if (!controller_) return;
  loop_.Forget(controller_.get());
  controller_.Reset();
}

}  // namespace smhost
