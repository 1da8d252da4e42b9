#include "wire/http_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/limits.h"
#include "base/sockets.h"

namespace smhost {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::uint32_t kAnswerHeaderBytes = 64 * 1024;

// A connection and the time it may take; waits by poll so that neither side's silence holds us longer.
class Exchange {
 public:
  Exchange(Descriptor socket, std::string peer, std::chrono::milliseconds timeout)
      : socket_(std::move(socket)), peer_(std::move(peer)), end_(std::chrono::steady_clock::now() + timeout) {}

  // False where the peer no longer reads or answers before the end: an early answer (413 to a large body) must be read.
  Result<bool> Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return false;
      } else if (errno == EAGAIN) {
        SMHOST_TRY(short ready, Wait(POLLOUT | POLLIN));
        if ((ready & POLLOUT) == 0) return false;
      } else if (errno != EINTR) {
        return FailErrno("send a request", peer_, errno);
      }
    }
    return true;
  }

  // 0: the peer has closed.
  Result<std::size_t> Receive(char* to, std::size_t room) {
    for (;;) {
      ssize_t n = ::recv(socket_.get(), to, room, 0);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == ECONNRESET) return std::size_t{0};
      if (errno == EAGAIN) {
        SMHOST_TRY_STATUS(Wait(POLLIN));
      } else if (errno != EINTR) {
        return FailErrno("read an answer", peer_, errno);
      }
    }
  }

  const std::string& peer() const { return peer_; }

 private:
  Result<short> Wait(short events) {
    for (;;) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now()).count();
      if (left <= 0) return Fail(Code::kTimedOut, peer_ + ": no answer in time", "runtime");
      pollfd waiting{socket_.get(), events, 0};
      if (::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 60'000))) > 0) return waiting.revents;
    }
  }

  Descriptor socket_;
  std::string peer_;
  MonotonicTime end_;
};

bool SafeInLine(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

Result<std::string> RequestHead(const std::string& method, const std::string& target, const HttpHeaders& headers,
                                std::size_t body_bytes) {
  if (!SafeInLine(method) || !SafeInLine(target) || target.find(' ') != target.npos || target.empty() ||
      target[0] != '/')
    return Fail(Code::kInvalid, "\"" + target + "\" cannot be the target of a request");
  std::string head = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers) {
    if (name.empty() || !SafeInLine(name) || name.find_first_of(": ") != name.npos || !SafeInLine(value))
      return Fail(Code::kInvalid, "a line break or another forbidden byte in the request's header " + name);
    head += name + ": " + value + "\r\n";
  }
  if (body_bytes != 0 || method == "POST" || method == "PUT")
    head += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
  return head + "\r\n";
}

Result<HttpResponse> ReadAnswer(Exchange& exchange) {
  Parser parser;
  parser.eager(true);
  parser.header_limit(kAnswerHeaderBytes);
  parser.body_limit(limits::kFrameBodyBytes);
  std::string buffer;
  boost::system::error_code error;
  while (!parser.is_done()) {
    std::size_t had = buffer.size();
    buffer.resize(had + kReadBytes);
    SMHOST_TRY(std::size_t got, exchange.Receive(buffer.data() + had, kReadBytes));
    buffer.resize(had + got);
    if (got == 0) {
      if (parser.got_some()) parser.put_eof(error);
      if (!parser.is_done())
        return Fail(Code::kUnavailable,
                    exchange.peer() + ": the runtime closed the connection before its answer was whole", "runtime");
      break;
    }
    std::size_t used = parser.put(boost::asio::buffer(buffer), error);
    buffer.erase(0, used);
    if (error == http::error::body_limit)
      return Fail(Code::kTooLarge,
                  exchange.peer() + ": an answer of more than " + std::to_string(limits::kFrameBodyBytes) + " bytes");
    if (error && error != http::error::need_more)
      return Fail(Code::kUnavailable, exchange.peer() + ": the answer is not HTTP: " + error.message(), "runtime");
    error = {};
  }
  HttpResponse answer;
  auto& message = parser.get();
  answer.status = static_cast<int>(message.result_int());
  answer.reason = std::string(message.reason());
  for (const auto& field : message)
    answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  answer.body = std::move(message.body());
  return answer;
}

}  // namespace

std::string HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  return {};
}

Result<HttpResponse> HttpOverUnix(const std::string& socket_path, const std::string& method, const std::string& target,
                                  const HttpHeaders& headers, std::string_view body,
                                  std::chrono::milliseconds timeout) {
  SMHOST_TRY(std::string head, RequestHead(method, target, headers, body.size()));
  SMHOST_TRY(Descriptor socket, ConnectUnix(socket_path, SocketKind::kStream));
  Exchange exchange(std::move(socket), socket_path, timeout);
  SMHOST_TRY(bool open, exchange.Send(head));
  if (open) SMHOST_TRY_STATUS(exchange.Send(body));
  try {
    return ReadAnswer(exchange);
  } catch (const std::exception& thrown) {  // Beast's allocations
    return Fail(Code::kInternal, socket_path + ": " + thrown.what());
  }
}

}  // namespace smhost
