#include "gateway/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/connection.h"

namespace smhost {
namespace {

// What comes from this machine is not seen by others on its way, whichever address it was sent to.
bool IsLoopback(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) return (ntohl(reinterpret_cast<const sockaddr_in&>(peer).sin_addr.s_addr) >> 24) == 127;
  if (peer.ss_family != AF_INET6) return false;
  const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

}  // namespace

Listener::Listener(LoopCore& core, Descriptor socket, Origin origin)
    : core_(core), socket_(core.io, socket.Release()), timer_(core.io), origin_(origin) {}

void Listener::Start() { Wait(); }

void Listener::Stop() {
  stopped_ = true;
  ErrorCode ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Listener::RoomAgain() {
  if (!full_ || stopped_) return;
  full_ = false;
  timer_.cancel();
  Wait();
}

void Listener::Wait() {
  socket_.async_wait(asio::posix::descriptor_base::wait_read, [this](const ErrorCode& error) {
    if (error || stopped_) return;
    AcceptAll();
    core_.Settle();
  });
}

void Listener::AcceptAll() {
  constexpr int kAtOnce = 64;  // then those that are connected get their turn
  for (int i = 0; i < kAtOnce; ++i) {
    if (!core_.HasRoom()) {
      full_ = true;
      return BackOff(0);
    }
    sockaddr_storage peer{};
    socklen_t peer_size = sizeof peer;
    Descriptor accepted(::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted) {
      if (errno == EAGAIN) break;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return BackOff(errno);
      continue;  // that connection is gone already
    }
    complained_ = false;
    const int family = origin_ == Origin::kTcp ? peer.ss_family : AF_UNIX, on = 1;
    if (origin_ == Origin::kTcp) {
      ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    StreamSocket socket(core_.io);
    ErrorCode error;
    socket.assign(asio::generic::stream_protocol(family, 0), accepted.get(), error);
    if (error) {
      spdlog::warn("cannot watch a connection: {}", error.message());
      continue;
    }
    accepted.Release();
    std::make_shared<Connection>(core_, std::move(socket), origin_, origin_ == Origin::kTcp && !IsLoopback(peer))->Start();
  }
  Wait();
}

// The connection stays in the kernel's queue. Meanwhile those that only sit there make room.
void Listener::BackOff(int error_number) {
  if (error_number != 0) {
    core_.CountAcceptError();
    if (!complained_) spdlog::warn("cannot accept connections: {}; trying again", std::strerror(error_number));
    complained_ = true;
  }
  core_.ShedIdle();
  if (stopped_ || (error_number == 0 && !full_)) return;  // the shed ones called RoomAgain
  timer_.expires_after(limits::kAcceptBackOff);
  timer_.async_wait([this](const ErrorCode& error) {
    if (error || stopped_) return;
    full_ = false;
    Wait();
  });
}

}  // namespace smhost
