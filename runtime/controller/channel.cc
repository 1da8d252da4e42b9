#include "controller/channel.h"

#include <memory>

#include "base/sockets.h"
#include "wire/control.h"

namespace smhost {

Channel::Channel(EventLoop& loop, Descriptor socket, OnMessage message, std::function<void()> gone)
    : loop_(loop), socket_(std::move(socket)), message_(std::move(message)), gone_(std::move(gone)) {
  loop_.OnReadable(socket_.get(), [this] { Read(); });
}

Channel::~Channel() {
  loop_.Forget(socket_.get());
}

Status Channel::Send(const std::string& message) { return SendPacket(socket_, message); }

void Channel::Read() {
  // One message a call: the handler may end this channel. The loop comes back while more wait.
  auto text = ReceivePacket(socket_);
  if (!text) {
    if (text.error().code == Code::kNotFound) return;
    loop_.Forget(socket_.get());
    auto gone = gone_;
    return gone();
  }
  std::string op;
  auto json = ParseMessage(*text, op);
  auto handler = message_;
  if (json) handler(op, *json);
}

}  // namespace smhost
