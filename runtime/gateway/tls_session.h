// The TLS side of one connection: bytes from the client in, what they say out; what is to be said, encrypted, straight to the
// socket. Reads no socket itself. Belongs to its connection's loop.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tls_context.h"

struct iovec;
struct ssl_st;
struct bio_st;

namespace smhost {

class TlsSession {
 public:
  enum class State { kOpen, kEnded, kBroken };  // ended: the client said so; broken: it speaks no TLS, or its bytes were changed

  // The descriptor stays the caller's.
  static std::unique_ptr<TlsSession> Accept(const TlsContext& context, int fd);
  ~TlsSession();

  // Takes all of `cipher`; `room` grows to what it says, which `plain` points into.
  State Decrypt(std::string_view cipher, std::vector<char>& room, std::string_view& plain);
  // As sendmsg: how many bytes of the parts were taken, or -1 with errno.
  ssize_t Write(const iovec* parts, int count);
  // Tells the client that nothing more comes. Once, and only where a handshake stands.
  void SayEnd();
  bool Handshaking() const;
  // Bytes of a handshake or alert that the socket did not take; false: it does not take them now either.
  bool SendRest();

 private:
  struct Wire;  // between OpenSSL and the socket
  TlsSession();
  std::size_t Stage(const iovec* parts, int count, const char*& bytes);

  std::unique_ptr<Wire> wire_;
  ssl_st* ssl_ = nullptr;
  State state_ = State::kOpen;
};

}  // namespace smhost
