#include "gateway/transport.h"

#include <sys/socket.h>
#include <sys/uio.h>

namespace smhost {

ssize_t Transport::Read(char* room, std::size_t size) { return ::recv(socket_.native_handle(), room, size, MSG_DONTWAIT); }

Transport::State Transport::Decode(std::string_view& bytes, std::vector<char>& room) {
  if (!tls_) return State::kOpen;
  std::string_view plain;
  auto state = tls_->Decrypt(bytes, room, plain);
  bytes = plain;
  return state == TlsSession::State::kOpen ? State::kOpen : state == TlsSession::State::kEnded ? State::kEnded : State::kBroken;
}

ssize_t Transport::Write(const iovec* parts, int count) {
  if (tls_) return tls_->Write(parts, count);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Transport::ShutdownSend() {
  if (tls_) tls_->SayEnd();
  ErrorCode ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Transport::Close() {
  if (tls_) tls_->SayEnd();
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace smhost
