#include "controller/gateway_link.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/sockets.h"

namespace smhost {
namespace {
constexpr Duration kFirstLinkRetry = std::chrono::milliseconds(5), kLastRetry = std::chrono::seconds(1);
}

GatewayLink::GatewayLink(EventLoop& loop, Files& files, const Home& home, std::function<void()> changed,
                         std::function<void(const std::string&)> lost, std::function<void(const std::string&)> poisoned)
    : loop_(loop), files_(files), home_(home), changed_(std::move(changed)), lost_(std::move(lost)), poisoned_(std::move(poisoned)),
      retry_(kFirstLinkRetry) {
  // The generation goes on from the last controller's: a gateway must never take an older table for a newer one.
  if (auto text = files_.Read(home_.Routes(), limits::kStateFileBytes))
    if (auto table = DecodeRoutes(*text)) table_ = *table;
  Connect();
}

GatewayLink::~GatewayLink() {
  if (socket_) loop_.Forget(socket_.get());
}

Status GatewayLink::Publish(const std::vector<RouteEndpoint>& endpoints, const std::optional<std::vector<PublicRoute>>& public_routes) {
  RouteTable next{table_.generation + 1, endpoints, public_routes.value_or(table_.public_routes)};
  if (next.endpoints == table_.endpoints && next.public_routes == table_.public_routes && table_.generation != 0) return {};
  SMHOST_FAILPOINT_STATUS(routes_write);
  SMHOST_TRY_STATUS(WriteAtomically(files_, home_.Routes(), EncodeRoutes(next)));
  SMHOST_FAILPOINT(routes_written);
  table_ = std::move(next);
  Tell();
  return {};
}

void GatewayLink::Connect() {
  auto socket = ConnectUnix(home_.GatewaySocket(), SocketKind::kPacket);
  if (!socket) {
    loop_.After(retry_, [this] { Connect(); });
    retry_ = std::min(retry_ * 2, kLastRetry);
    return;
  }
  retry_ = kFirstLinkRetry;
  socket_ = std::move(*socket);
  loop_.OnReadable(socket_.get(), [this] { Read(); });
  Tell();
}

void GatewayLink::Lose() {
  if (!socket_) return;
  loop_.Forget(socket_.get());
  socket_.Reset();
  taken_ = 0;
  owing_.clear();  // whoever owed through that gateway owes nobody now
  loop_.After(kFirstLinkRetry, [this] { Connect(); });
  changed_();
}

void GatewayLink::Tell() {
  if (!socket_ || table_.generation == 0) return;
  if (!SendPacket(socket_, Encode(RoutesReady{table_.generation}))) return Lose();
  SMHOST_FAILPOINT(routes_told);
}

void GatewayLink::Read() {
  while (socket_) {
    auto message = ReceivePacket(socket_);
    if (message) {
      Handle(*message);
    } else {
      if (message.error().code != Code::kNotFound) Lose();
      return;
    }
  }
}

void GatewayLink::Handle(const std::string& text) {
  std::string op;
  auto message = ParseMessage(text, op);
  if (!message) return Lose();
  if (auto taken = DecodeRoutesTaken(*message)) {
    taken_ = taken->generation;
    owing_ = std::set<std::string>(taken->busy.begin(), taken->busy.end());
    changed_();
  } else if (auto idle = DecodeInstanceIdle(*message)) {
    owing_.erase(idle->id);
    changed_();
  } else if (auto lost = DecodeInstanceLost(*message)) {
    lost_(lost->id);
  } else if (auto poisoned = DecodeInstancesPoisoned(*message)) {
    for (const auto& id : poisoned->ids) poisoned_(id);
  } else {
    spdlog::warn("the gateway sent a message that is not known: {}", op);
  }
}

}  // namespace smhost
