// How the listening sockets reach a new supervisor after the old one was killed: a gateway serves run/listeners.sock;
// whoever connects to it gets its sockets at once, in one message, and the connection ends. No call blocks.
#pragma once

#include <sys/types.h>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

struct HandedOver {
  Descriptor tcp, local;  // listening; `tcp` may be absent
  Descriptor beat;        // where the gateway shows that it lives (base/heartbeat.h); may be absent
  pid_t from = 0;         // the gateway, as the system knows it
};

// -1: there is none of that kind. kDenied: the peer is another user.
Status SendHandover(const Descriptor& socket, int tcp, int local, int beat);
// Of a connection that can be read. kInvalid for anything but what SendHandover sends.
Result<HandedOver> ReceiveHandover(const Descriptor& socket);

}  // namespace smhost
