// Unix sockets by path, without the 107 byte limit on the whole path: only the last part must be that short.
// Two kinds: streams carry frames and HTTP, packets carry one JSON message each.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

enum class SocketKind { kStream, kPacket };

// Binds (mode 0600) and listens; a stale socket file is replaced, any other file there is an error. Close-on-exec,
// non-blocking. Only for whoever holds the lock that makes the path its own.
Result<Descriptor> ListenUnix(const std::string& path, SocketKind kind, int backlog);
// Close-on-exec, non-blocking after the connection stands. kNotFound: no such file; kUnavailable: nobody listens.
Result<Descriptor> ConnectUnix(const std::string& path, SocketKind kind);
// kNotFound where nothing waits.
Result<Descriptor> AcceptConnection(const Descriptor& listener);

// Packets. Send never blocks: kUnavailable when the peer does not read. Receive: kNotFound where nothing waits,
// kUnavailable when the peer is gone.
Status SendPacket(const Descriptor& socket, const std::string& message);
Result<std::string> ReceivePacket(const Descriptor& socket);

// TCP on a loopback address; port 0: any. kConflict if the port is taken, naming address and port.
Result<Descriptor> ListenTcp(const std::string& address, int port, int backlog);
int PortOf(const Descriptor& listener);

// Waits until readable (or hung up); false at the deadline. For commands that wait, not for loops.
bool WaitReadable(const Descriptor& fd, int timeout_ms);

}  // namespace smhost
