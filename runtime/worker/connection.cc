#include "worker/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/limits.h"

namespace smhost {
namespace {
constexpr std::size_t kReadBytes = 256 * 1024;
constexpr int kReadsPerTurn = 8;                                          // then other connections have their turn
constexpr std::size_t kMostWaitingBytes = limits::kQueueBytesPerVariant;  // more: the peer does not read; it is let go
}  // namespace

bool Connection::Receive(const std::function<void(Frame&)>& on_frame, std::string& why) {
  static thread_local std::string room(kReadBytes, '\0');
  for (int i = 0; i < kReadsPerTurn; ++i) {
    ssize_t n = ::recv(fd(), room.data(), room.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (n <= 0) {
      why = n == 0 ? "closed by the peer" : std::strerror(errno);
      return false;
    }
    reader_.Feed({room.data(), static_cast<std::size_t>(n)});
    Frame frame;
    for (;;) {
      auto more = reader_.Next(frame);
      if (!more) {
        why = more.error().message;
        return false;
      }
      if (!*more) break;
      on_frame(frame);
    }
    if (static_cast<std::size_t>(n) < room.size()) return true;
  }
  return true;
}

bool Connection::WriteSome() {
  while (sent_ < waiting_.size()) {
    ssize_t n = ::send(fd(), waiting_.data() + sent_, waiting_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) return false;
    sent_ += static_cast<std::size_t>(n);
  }
  waiting_.clear();
  sent_ = 0;
  return true;
}

void Connection::Send(std::string frames) {
  std::unique_lock lock(mutex_);
  if (broken_) return;
  bool blocked = !waiting_.empty();
  if (waiting_.empty())
    waiting_ = std::move(frames);
  else
    waiting_ += frames;
  if (!blocked && !WriteSome()) broken_ = true;
  if (waiting_.size() - sent_ > kMostWaitingBytes) broken_ = true;
  if (broken_) {
    waiting_.clear();
    sent_ = 0;
    ::shutdown(fd(), SHUT_RDWR);  // the I/O thread hears of it by its next read
  }
  bool tell = !blocked && !waiting_.empty();
  lock.unlock();
  if (tell) on_blocked_();
}

bool Connection::Flush() {
  std::lock_guard lock(mutex_);
  return !broken_ && WriteSome();
}

bool Connection::HasWaiting() {
  std::lock_guard lock(mutex_);
  return !waiting_.empty();
}

void Connection::Break() {
  std::lock_guard lock(mutex_);
  broken_ = true;
  waiting_.clear();
  sent_ = 0;
}

}  // namespace smhost
