#include "base/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/files.h"
#include "base/limits.h"

namespace smhost {
namespace {

struct UnixAddress {
  Descriptor folder;  // must stay open while the address is used
  sockaddr_un address{};
};

Result<UnixAddress> MakeAddress(const std::string& path) {
  UnixAddress made;
  made.folder = Descriptor(::open(FolderOf(path).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!made.folder) return FailErrno("open the folder of", path, errno);
  std::string through = "/proc/self/fd/" + std::to_string(made.folder.get()) + path.substr(path.find_last_of('/'));
  if (through.size() >= sizeof made.address.sun_path)
    return Fail(Code::kInvalid, path + ": too long a name for a socket; its last part may have 80 bytes");
  made.address.sun_family = AF_UNIX;
  std::memcpy(made.address.sun_path, through.c_str(), through.size() + 1);
  return made;
}

int TypeOf(SocketKind kind) { return kind == SocketKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET; }

Status RemoveStaleSocket(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode))
    return Fail(Code::kConflict, path + ": a file that is no socket stands there; move it away");
  if (::unlink(path.c_str()) != 0) return FailErrno("remove the stale socket", path, errno);
  return {};
}

}  // namespace

Result<Descriptor> ListenUnix(const std::string& path, SocketKind kind, int backlog) {
  SMHOST_TRY_STATUS(RemoveStaleSocket(path));
  SMHOST_TRY(UnixAddress where, MakeAddress(path));
  Descriptor fd(::socket(AF_UNIX, TypeOf(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return FailErrno("make a socket", path, errno);
  ::fchmod(fd.get(), 0600);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&where.address), sizeof where.address) != 0)
    return FailErrno("bind", path, errno);
  ::chmod(path.c_str(), 0600);
  if (::listen(fd.get(), backlog) != 0) return FailErrno("listen", path, errno);
  return fd;
}

Result<Descriptor> ConnectUnix(const std::string& path, SocketKind kind) {
  SMHOST_TRY(UnixAddress where, MakeAddress(path));
  Descriptor fd(::socket(AF_UNIX, TypeOf(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return FailErrno("make a socket", path, errno);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&where.address), sizeof where.address) != 0)
    return FailErrno("connect to", path, errno);
  return fd;
}

Result<Descriptor> AcceptConnection(const Descriptor& listener) {
  Descriptor fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (fd) return fd;
  if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return Fail(Code::kNotFound, "no connection waits");
  return FailErrno("accept", "socket", errno);
}

Status SendPacket(const Descriptor& socket, const std::string& message) {
  if (message.size() > limits::kControlMessageBytes)
    return Fail(Code::kTooLarge, "a control message of " + std::to_string(message.size()) + " bytes");
  int room = static_cast<int>(limits::kControlMessageBytes * 2);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  if (::send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return Fail(Code::kUnavailable, std::string("control socket: cannot send: ") + std::strerror(errno));
  return {};
}

Result<std::string> ReceivePacket(const Descriptor& socket) {
  std::vector<char> room(limits::kControlMessageBytes);
  ssize_t n = ::recv(socket.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (n > 0) return std::string(room.data(), static_cast<std::size_t>(n));
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Fail(Code::kNotFound, "no message waits");
  return Fail(Code::kUnavailable, "control socket: the other side is gone");
}

Result<Descriptor> ListenTcp(const std::string& address, int port, int backlog) {
  std::string name = address + ":" + std::to_string(port);
  bool v6 = address.find(':') != std::string::npos;
  sockaddr_storage storage{};
  socklen_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  void* target = v6 ? static_cast<void*>(&reinterpret_cast<sockaddr_in6*>(&storage)->sin6_addr)
                    : static_cast<void*>(&reinterpret_cast<sockaddr_in*>(&storage)->sin_addr);
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), target) != 1)
    return Fail(Code::kInvalid, name + ": not a numeric address");
  storage.ss_family = static_cast<sa_family_t>(v6 ? AF_INET6 : AF_INET);
  reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(static_cast<std::uint16_t>(port));  // the same place in both
  Descriptor fd(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return FailErrno("make a socket", name, errno);
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    if (errno == EADDRINUSE) return Fail(Code::kConflict, name + ": the port is taken by another program");
    return FailErrno("bind", name, errno);
  }
  if (::listen(fd.get(), backlog) != 0) return FailErrno("listen", name, errno);
  return fd;
}

int PortOf(const Descriptor& listener) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  return ntohs(reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

bool WaitReadable(const Descriptor& fd, int timeout_ms) {
  pollfd wanted{fd.get(), POLLIN, 0};
  return ::poll(&wanted, 1, timeout_ms) > 0;
}

}  // namespace smhost
