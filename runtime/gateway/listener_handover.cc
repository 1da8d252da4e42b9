#include "gateway/listener_handover.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "base/sockets.h"
#include "wire/handover.h"

namespace smhost {

Status ListenerHandover::Serve(const std::string& path, int tcp, int local, int beat) {
  constexpr int kBacklog = 4;
  tcp_ = tcp;
  local_ = local;
  beat_ = beat;
  SMHOST_TRY(listener_, ListenUnix(path, SocketKind::kPacket, kBacklog));
  loop_.OnReadable(listener_.get(), [this] { Give(); });
  return {};
}

void ListenerHandover::Close() {
  if (!listener_) return;
  loop_.Forget(listener_.get());
  listener_.Reset();
}

void ListenerHandover::Give() {
  auto connection = AcceptConnection(listener_);
  if (!connection) return;
  SMHOST_FAILPOINT(handover_asked);
  auto given = SendHandover(*connection, tcp_, local_, beat_);
  if (given) spdlog::info("gateway: the listening sockets were given to another supervisor");
  else spdlog::warn("gateway: {}", given.error().message);
}

}  // namespace smhost
