// A client's socket, plain or under TLS: what a connection reads, writes and ends through. TLS is begun by the bytes that have
// come already; a plain connection pays one look at a pointer for it. Belongs to its connection's loop.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/asio.h"
#include "gateway/tls_session.h"

struct iovec;

namespace smhost {

class Transport {
 public:
  enum class State { kOpen, kEnded, kBroken };  // of the client's side; broken: no TLS, or not unchanged

  explicit Transport(StreamSocket socket) : socket_(std::move(socket)) {}

  bool tls() const { return tls_ != nullptr; }
  bool Handshaking() const { return tls_ && tls_->Handshaking(); }
  // All that was read from here on, and the bytes that are given to Decode first, are TLS's.
  void StartTls(const TlsContext& context) { tls_ = TlsSession::Accept(context, socket_.native_handle()); }

  // Bytes as they come, for Decode.
  template <typename Handler>
  void AsyncRead(asio::mutable_buffer room, Handler handler) {
    socket_.async_read_some(room, std::move(handler));
  }
  ssize_t Read(char* room, std::size_t size);  // the same, what is there now; -1 with errno
  // Bytes read → bytes meant, in place where the connection is plain, else in `room`, valid until it is used again.
  State Decode(std::string_view& bytes, std::vector<char>& room);

  ssize_t Write(const iovec* parts, int count);  // as sendmsg without waiting
  // What TLS itself has to say is sent; false: wait until the socket takes more.
  bool SendRest() { return !tls_ || tls_->SendRest(); }
  template <typename Handler>
  void AsyncWaitWritable(Handler handler) {
    socket_.async_wait(asio::socket_base::wait_write, std::move(handler));
  }

  void ShutdownSend();
  void Close();

 private:
  StreamSocket socket_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace smhost
