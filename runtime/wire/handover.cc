#include "wire/handover.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace smhost {
namespace {

constexpr std::size_t kKinds = 3;
constexpr char kWords[kKinds + 1] = "tub";  // one letter a descriptor, in this order: TCP, Unix, beat

Result<ucred> PeerOf(const Descriptor& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return FailErrno("ask who the peer is of", "listeners.sock", errno);
  if (peer.uid != ::geteuid())
    return Fail(Code::kDenied, "listeners.sock: the other side is user " + std::to_string(peer.uid));
  return peer;
}

bool Listens(const Descriptor& fd) {
  int on = 0;
  socklen_t size = sizeof on;
  return ::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on != 0;
}

// All that came with a message, so that none leaks whatever the message is.
std::vector<Descriptor> TakeDescriptors(msghdr& message) {
  std::vector<Descriptor> taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
      taken.emplace_back(fd);
    }
  }
  return taken;
}

}  // namespace

Status SendHandover(const Descriptor& socket, int tcp, int local, int beat) {
  SMHOST_TRY([[maybe_unused]] ucred peer, PeerOf(socket));
  const int all[kKinds] = {tcp, local, beat};
  std::string words;
  int given[kKinds];
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (all[i] < 0) continue;
    given[words.size()] = all[i];
    words += kWords[i];
  }
  const std::size_t bytes = words.size() * sizeof(int);
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof given)] = {};
  iovec text{words.data(), words.size()};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = CMSG_SPACE(bytes);
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(bytes);
  std::memcpy(CMSG_DATA(part), given, bytes);
  if (::sendmsg(socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return FailErrno("give the listening sockets over", "listeners.sock", errno);
  return {};
}

Result<HandedOver> ReceiveHandover(const Descriptor& socket) {
  SMHOST_TRY(ucred peer, PeerOf(socket));
  char words[kKinds + 1];
  alignas(cmsghdr) char room[CMSG_SPACE(kKinds * sizeof(int))];
  iovec text{words, sizeof words};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  ssize_t n = ::recvmsg(socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return FailErrno("take the listening sockets from", "listeners.sock", errno);
  auto taken = TakeDescriptors(message);
  if (static_cast<std::size_t>(n) != taken.size() || (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0)
    return Fail(Code::kInvalid, "listeners.sock: not the message of a gateway");
  HandedOver over;
  over.from = peer.pid;
  Descriptor* places[kKinds] = {&over.tcp, &over.local, &over.beat};
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const char* known = std::strchr(kWords, words[i]);
    if (known == nullptr || words[i] == '\0' || *places[known - kWords])
      return Fail(Code::kInvalid, "listeners.sock: not the message of a gateway");
    *places[known - kWords] = std::move(taken[i]);
  }
  if (!over.local || !Listens(over.local) || (over.tcp && !Listens(over.tcp)))
    return Fail(Code::kInvalid, "listeners.sock: what came does not listen");
  return over;
}

}  // namespace smhost
