// What the parts of one loop share: connections, links to instances and the dispatcher between them. Everything in here is
// touched by the loop's thread alone. Only files of gateway/ that speak Asio include this.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "api/key_ring.h"
#include "gateway/admission.h"
#include "gateway/asio.h"
#include "gateway/dispatcher.h"
#include "gateway/metrics.h"
#include "gateway/options.h"
#include "gateway/shadow_comparer.h"
#include "gateway/suspect_rooms.h"
#include "gateway/tls_context.h"
#include "state/home.h"

namespace smhost {

class Connection;
class InstanceLink;

// What a loop says to the gateway's main thread; called on the loop's thread.
struct LoopReports {
  std::function<void(const std::string& instance)> idle, lost;
  std::function<void(const std::vector<std::string>& instances)> poisoned;
  // Adds up the counters of all loops and gives the sum to `done`, on the loop that asks.
  std::function<void(std::function<void(MetricsSnapshot)> done)> gather_metrics;
};

// What all loops of a gateway use; each of them says how.
struct SharedByLoops {
  PoisonList poison;
  SuspectRooms rooms;
  ShadowComparer comparer;
};

class LoopCore final : public DispatcherHost {
 public:
  LoopCore(const GatewayOptions& options, const Home& home, std::string region, int loops, SharedByLoops& shared, LoopReports reports);
  ~LoopCore() override;

  // --- for connections
  MonotonicTime Now() override { return std::chrono::steady_clock::now(); }
  std::time_t UnixTime() const { return std::time(nullptr); }
  std::string_view Date();
  std::string NewRequestId();
  KnownKeys Keys() const { return {keys.get(), std::chrono::system_clock::now()}; }
  // Bodies held: false past the limit, and then nothing is taken.
  bool HoldBytes(std::size_t bytes);
  void ReleaseBytes(std::size_t bytes) { held_bytes_ -= bytes; }
  std::list<std::shared_ptr<Connection>>::iterator Add(std::shared_ptr<Connection> connection);
  void Remove(std::list<std::shared_ptr<Connection>>::iterator place);
  void Dirty(std::shared_ptr<Connection> connection) { dirty_connections_.push_back(std::move(connection)); }
  void Dirty(std::shared_ptr<InstanceLink> link) { dirty_links_.push_back(std::move(link)); }
  void CountResponse(int code) { ++responses_[code]; }
  // At the end of every handler: writes what the handler brought about.
  void Settle();
  // Room for more bytes than a connection keeps at hand; valid until the handler returns.
  std::vector<char>& scratch() { return scratch_; }
  // Where TLS puts what those bytes mean; grows to what it needs.
  std::vector<char>& plain_scratch() { return plain_scratch_; }

  // --- for the listener
  bool HasRoom() const { return connections_.size() < most_connections_; }
  void ShedIdle();
  void CountAcceptError() { ++accept_errors_; }

  // --- DispatcherHost
  std::shared_ptr<InstancePort> Open(const std::string& instance) override;
  void InstanceIdle(const std::string& instance) override { reports.idle(instance); }
  void InstanceLost(const std::string& instance) override { reports.lost(instance); }
  bool EnterRoom(const std::string& instance) override { return rooms_.Enter(instance); }
  void LeaveRoom(const std::string& instance) override { rooms_.Leave(instance); }
  void Later(std::function<void()> work) override { later_.push_back(std::move(work)); }
  void Compare(std::shared_ptr<const ShadowPair> pair) override { comparer_.Offer(std::move(pair)); }
  void PoisonFound(const Call& call, const std::string& variant, const std::string& digest,
                   const std::vector<std::string>& instances) override;

  void RetrySuspects();
  void BeginDrain();
  bool Drained() const { return connections_.empty(); }
  void CloseAll();
  void EnsureTicking();
  MetricsSnapshot Snapshot() const;

  const GatewayOptions& options;
  const Home& home;
  const std::string region;
  const LoopReports reports;
  asio::io_context io{1};
  Dispatcher dispatcher;
  std::shared_ptr<const KeyRing> keys;  // null: nobody is known
  std::shared_ptr<const TlsContext> tls;  // of connections that begin; null: HTTPS is not spoken
  std::shared_ptr<const PublicRoutes> public_routes;  // null: none
  std::uint64_t generation = 0;
  bool draining = false;
  std::function<void()> room_again;  // the listener waits for it

 private:
  void Tick();
  void FlushLinks();
  void RunLater();

  std::list<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> dirty_connections_;
  std::vector<std::shared_ptr<InstanceLink>> dirty_links_;
  std::vector<std::function<void()>> later_;
  bool links_posted_ = false;
  SuspectRooms& rooms_;
  ShadowComparer& comparer_;
  const std::size_t most_connections_, most_held_bytes_;
  std::size_t held_bytes_ = 0;
  std::map<int, std::uint64_t> responses_;
  std::uint64_t connections_total_ = 0, shed_ = 0, accept_errors_ = 0;
  std::vector<char> scratch_, plain_scratch_;
  std::mt19937_64 random_;
  std::string date_;
  std::time_t date_second_ = 0;
  LoopTimer ticker_;
  Duration tick_;
  bool ticking_ = false;
};

}  // namespace smhost
