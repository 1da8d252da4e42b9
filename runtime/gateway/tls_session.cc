#include "gateway/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;

// One record's worth of small parts. Of the thread: filled and written within one call.
thread_local std::array<char, kRecordBytes> staging;

}  // namespace

struct TlsSession::Wire {
  int fd = -1;
  std::string_view in;   // what OpenSSL may read now
  std::string rest;      // handshake and alert bytes that the socket did not take
  bool writing = false;  // an answer: what is not taken is offered again by whoever writes it

  // -1 with errno.
  ssize_t Send(const char* bytes, std::size_t size) {
    ssize_t sent;
    do sent = ::send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent;
  }

  bool SendRest() {
    if (rest.empty()) return true;
    ssize_t sent = Send(rest.data(), rest.size());
    if (sent > 0) rest.erase(0, static_cast<std::size_t>(sent));
    return rest.empty();
  }

  static Wire* Of(BIO* bio) { return static_cast<Wire*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* room, int size) {
    Wire& wire = *Of(bio);
    BIO_clear_retry_flags(bio);
    if (wire.in.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    std::size_t count = std::min(wire.in.size(), static_cast<std::size_t>(size));
    std::memcpy(room, wire.in.data(), count);
    wire.in.remove_prefix(count);
    return static_cast<int>(count);
  }

  static int Write(BIO* bio, const char* bytes, int size) {
    Wire& wire = *Of(bio);
    BIO_clear_retry_flags(bio);
    const std::size_t count = static_cast<std::size_t>(size);
    ssize_t sent = -1;
    errno = EAGAIN;
    if (wire.SendRest()) sent = wire.Send(bytes, count);
    if (sent < 0 && errno != EAGAIN) return -1;
    if (wire.writing) {
      if (sent < 0) BIO_set_retry_write(bio);
      return static_cast<int>(sent);
    }
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (wire.rest.size() + count - taken > limits::kTlsUnsentBytes) return -1;
    wire.rest.append(bytes + taken, count - taken);
    return size;
  }

  static long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* Method() {
    static const BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "smhost connection");
      SMHOST_CHECK(made != nullptr && BIO_meth_set_read(made, Read) == 1 && BIO_meth_set_write(made, Write) == 1 &&
                   BIO_meth_set_ctrl(made, Control) == 1);
      return made;
    }();
    return method;
  }
};

TlsSession::TlsSession() : wire_(std::make_unique<Wire>()) {}

TlsSession::~TlsSession() {
  if (ssl_ != nullptr) SSL_free(ssl_);  // and its BIO
}

std::unique_ptr<TlsSession> TlsSession::Accept(const TlsContext& context, int fd) {
  std::unique_ptr<TlsSession> session(new TlsSession);
  session->wire_->fd = fd;
  session->ssl_ = SSL_new(context.get());
  BIO* bio = BIO_new(Wire::Method());
  SMHOST_CHECK(session->ssl_ != nullptr && bio != nullptr);  // memory ran out: as anywhere
  BIO_set_data(bio, session->wire_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(session->ssl_, bio, bio);
  SSL_set_accept_state(session->ssl_);
  return session;
}

bool TlsSession::Handshaking() const { return state_ == State::kOpen && SSL_is_init_finished(ssl_) == 0; }

bool TlsSession::SendRest() { return wire_->SendRest(); }

TlsSession::State TlsSession::Decrypt(std::string_view cipher, std::vector<char>& room, std::string_view& plain) {
  plain = {};
  if (state_ != State::kOpen) return state_;
  wire_->in = cipher;
  std::size_t count = 0;
  for (;;) {
    if (room.size() < count + kRecordBytes) room.resize(count + 4 * kRecordBytes);
    ERR_clear_error();
    std::size_t step = 0;
    int read = SSL_read_ex(ssl_, room.data() + count, room.size() - count, &step);
    if (read == 1) {
      count += step;
      continue;
    }
    int error = SSL_get_error(ssl_, read);
    if (error == SSL_ERROR_ZERO_RETURN) state_ = State::kEnded;
    else if (error != SSL_ERROR_WANT_READ) state_ = State::kBroken;
    break;
  }
  ERR_clear_error();
  wire_->in = {};
  plain = {room.data(), count};
  return state_;
}

// Records hold 16 KB: small parts share one, a large part is taken from where it lies. What was staged and not sent is
// staged again with the same bytes at its front, as OpenSSL wants it, because the parts only grow.
std::size_t TlsSession::Stage(const iovec* parts, int count, const char*& bytes) {
  bytes = static_cast<const char*>(parts[0].iov_base);
  if (count == 1 || parts[0].iov_len >= kRecordBytes) return parts[0].iov_len;
  std::size_t size = 0;
  for (int i = 0; i < count && size < staging.size(); ++i) {
    std::size_t step = std::min(parts[i].iov_len, staging.size() - size);
    std::memcpy(staging.data() + size, parts[i].iov_base, step);
    size += step;
  }
  bytes = staging.data();
  return size;
}

ssize_t TlsSession::Write(const iovec* parts, int count) {
  if (state_ == State::kBroken) {
    errno = EPIPE;
    return -1;
  }
  const char* bytes = nullptr;
  std::size_t size = Stage(parts, count, bytes), written = 0;
  ERR_clear_error();
  wire_->writing = true;
  int done = SSL_write_ex(ssl_, bytes, size, &written);
  wire_->writing = false;
  if (done == 1) return static_cast<ssize_t>(written);
  int error = SSL_get_error(ssl_, done);
  ERR_clear_error();
  errno = error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
  return -1;
}

void TlsSession::SayEnd() {
  if (state_ == State::kBroken || SSL_is_init_finished(ssl_) == 0 || (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace smhost
