#include "gateway/api_call.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/limits_api.h"
#include "base/log.h"
#include "base/sockets.h"
#include "gateway/connection.h"
#include "gateway/invocation.h"

namespace smhost {
namespace {

constexpr auto kRetryEvery = std::chrono::milliseconds(20);
constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

ApiCall::ApiCall(LoopCore& core, Connection& connection, std::uint64_t number, const ApiRequestHead& head)
    : core_(core), connection_(&connection), number_(number), socket_(core.io), retry_(core.io), begun_(core.Now()), progress_(begun_),
      out_(Encode(head)) {}

void ApiCall::Start() { Connect(); }

// A process that is being replaced is away for some milliseconds; one whose queue is full has to get on first.
void ApiCall::Connect() {
  if (connection_ == nullptr) return;
  auto connected = ConnectUnix(core_.home.ApiSocket(), SocketKind::kStream);
  ErrorCode error;
  if (connected) socket_.assign(asio::generic::stream_protocol(AF_UNIX, 0), connected->get(), error);
  if (!connected || error) {
    if (core_.Now() - begun_ > limits::kApiWait) {
      Fail(connected ? error.message() : connected.error().message);
      return core_.Settle();
    }
    retry_.expires_after(kRetryEvery);
    retry_.async_wait([self = shared_from_this()](const ErrorCode& cancelled) {
      if (!cancelled) self->Connect();
    });
    return;
  }
  connected->Release();
  connected_ = true;
  progress_ = core_.Now();
  buffer_.resize(kReadBytes);
  Write();
  Read();
}

// --- the request

void ApiCall::Body(std::string bytes) {
  if (deaf_) return;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    auto part = rest.substr(0, limits::kApiPieceBytes);
    out_ += ApiPieceHeader(static_cast<std::uint32_t>(part.size()));
    out_ += part;
    rest.remove_prefix(part.size());
  }
  Write();
}

void ApiCall::BodyEnd() {
  out_ += ApiPieceHeader(0);
  Write();
}

bool ApiCall::BodyFull() const { return out_.size() > limits::kApiBufferedBytes; }

void ApiCall::Write() {
  if (!connected_ || writing_ || connection_ == nullptr) return;
  std::size_t written = 0;
  while (!deaf_ && written < out_.size()) {
    ssize_t sent = ::send(socket_.native_handle(), out_.data() + written, out_.size() - written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    // Its answer may lie in the other direction all the same.
    if (sent < 0) deaf_ = true;
    else written += static_cast<std::size_t>(sent);
  }
  bool was_full = BodyFull();
  if (deaf_) out_.clear();
  else out_.erase(0, written);
  if (written > 0) progress_ = core_.Now();
  if (was_full && !BodyFull()) connection_->BodyRoom();
  if (!out_.empty()) WaitWritable();
}

void ApiCall::WaitWritable() {
  writing_ = true;
  socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->writing_ = false;
    if (error || self->connection_ == nullptr) return;
    self->Write();
    self->core_.Settle();
  });
}

// --- the answer

void ApiCall::Read() {
  if (reading_ || connection_ == nullptr || connection_->StreamFull()) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const ErrorCode& error, std::size_t count) {
    self->reading_ = false;
    if (self->connection_ == nullptr) return;
    self->OnRead(error, count);
    self->core_.Settle();
  });
}

void ApiCall::Resume() {
  if (connected_) Read();
}

void ApiCall::OnRead(const ErrorCode& error, std::size_t count) {
  if (error) return Fail("the API process ended in the middle of a request");
  progress_ = core_.Now();
  pieces_.Feed({buffer_.data(), count});
  if (TakePieces()) Read();
}

// False: the answer is over.
bool ApiCall::TakePieces() {
  while (connection_ != nullptr) {
    auto piece = pieces_.Next();
    if (!piece) {
      Fail(piece.error().message);
      return false;
    }
    if (!*piece) return true;
    if (!head_came_) {
      auto head = DecodeApiResponseHead(**piece);
      if (!head) {
        Fail(head.error().message);
        return false;
      }
      head_came_ = true;
      connection_->BeginStream(number_, {head->status, std::move(head->headers), head->length});
    } else if ((*piece)->empty()) {
      Connection* connection = connection_;
      Close();
      connection->EndStream(number_, true);
      return false;
    } else {
      connection_->StreamPiece(number_, **piece);
    }
  }
  return false;
}

// --- time and end

void ApiCall::CheckTime(MonotonicTime now) {
  if (connection_ == nullptr || !connected_) return;
  if (connection_->StreamFull()) progress_ = now;  // it is the client who is slow; that has a time of its own
  if (now - progress_ > limits::kApiSilent) Fail("the API process has been silent for too long");
}

void ApiCall::Fail(const std::string& why) {
  spdlog::warn("API request: {}", why);
  Connection* connection = connection_;
  bool begun = head_came_;
  Close();
  if (begun) return connection->EndStream(number_, false);
  connection->Finish(number_, ErrorResponse(503, "ServiceUnavailable", "The API is not reachable for the moment; try again."));
}

void ApiCall::Close() {
  connection_ = nullptr;
  retry_.cancel();
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace smhost
