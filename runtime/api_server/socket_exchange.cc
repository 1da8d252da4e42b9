#include "api_server/socket_exchange.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "base/limits_api.h"
#include "base/log.h"
#include "wire/api_channel.h"

namespace smhost {
namespace {

// Blocking, but not for ever: the gateway has its own, shorter patience with clients.
void Prepare(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  timeval patience{std::chrono::seconds(limits::kApiSilent).count(), 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

Status SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return FailErrno("answer", "the gateway", errno);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

class PieceStream {
 public:
  explicit PieceStream(int fd) : fd_(fd) {}

  // Empty: the end.
  Result<std::string> Next() {
    for (;;) {
      SMHOST_TRY(auto piece, pieces_.Next());
      if (piece) return std::move(*piece);
      char room[64 * 1024];
      ssize_t count = ::recv(fd_, room, sizeof room, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return FailErrno("hear", "the gateway", errno);
      if (count == 0) return Fail(Code::kUnavailable, "the client went away");
      pieces_.Feed({room, static_cast<std::size_t>(count)});
    }
  }

 private:
  const int fd_;
  ApiPieceReader pieces_;
};

class SocketBody final : public BodyReader {
 public:
  explicit SocketBody(PieceStream& stream) : stream_(stream) {}

  Result<std::size_t> Read(char* to, std::size_t room) override {
    if (at_ == piece_.size() && !ended_) {
      SMHOST_TRY(piece_, stream_.Next());
      at_ = 0;
      ended_ = piece_.empty();
    }
    std::size_t count = std::min(room, piece_.size() - at_);
    std::copy_n(piece_.data() + at_, count, to);
    at_ += count;
    return count;
  }

 private:
  PieceStream& stream_;
  std::string piece_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

class SocketResponder final : public Responder {
 public:
  explicit SocketResponder(int fd) : fd_(fd) {}

  Status Begin(const ApiAnswerHead& head) override {
    begun_ = true;
    return SendAll(fd_, Encode(ApiResponseHead{head.status, head.headers, head.length}));
  }
  Status Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      auto part = bytes.substr(0, limits::kApiPieceBytes);
      SMHOST_TRY_STATUS(SendAll(fd_, ApiPieceHeader(static_cast<std::uint32_t>(part.size()))));
      SMHOST_TRY_STATUS(SendAll(fd_, part));
      bytes.remove_prefix(part.size());
    }
    return {};
  }
  Status End() { return SendAll(fd_, ApiPieceHeader(0)); }

 private:
  const int fd_;
};

}  // namespace

void ServeConnection(const Descriptor& connection, FrontDoor& door) {
  Prepare(connection.get());
  PieceStream stream(connection.get());
  auto piece = stream.Next();
  if (!piece) return;
  auto head = DecodeApiRequestHead(*piece);
  if (!head) return spdlog::error("a request from the gateway cannot be read: {}", head.error().message);
  SocketBody body(stream);
  SocketResponder responder(connection.get());
  ApiExchange exchange{std::move(head->head), head->content_length, head->owner, head->tls, head->request_id, body, responder};
  if (auto served = door.Serve(exchange); !served) return spdlog::info("{} {}: {}", exchange.head.method, exchange.request_id, served.error().message);
  if (responder.begun()) (void)responder.End();
}

}  // namespace smhost
