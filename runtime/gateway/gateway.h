// The gateway's main thread: routes from the controller to the loops, reports from the loops to the controller, signals.
// No byte of a request passes here, so reading a file does not delay one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/files.h"
#include "base/folder_watch.h"
#include "gateway/control_server.h"
#include "gateway/gateway_loop.h"
#include "gateway/listener_handover.h"
#include "gateway/mailbox.h"
#include "gateway/options.h"
#include "state/home.h"
#include "telemetry/counters.h"

namespace smhost {

class Gateway {
 public:
  Gateway(EventLoop& events, Files& files, Home home, GatewayOptions options);
  ~Gateway();

  Status Start();
  // TERM, INT: the first drains, the second ends at once. HUP: reads the keys and the certificate again, as a change of their
  // files does by itself.
  void OnSignal(int number);

 private:
  Status LoadRoutes();
  void OnFilesChanged();
  void ReadKeys();
  void LoadTls();
  void LookAtTls();
  void OnRoutesReady(std::uint64_t wanted);
  void GiveRoutes();
  void OpenCounters();
  void ClaimSlots();
  void OnTaken(std::size_t loop, std::uint64_t round, std::vector<std::string> busy);
  void OnIdle(std::size_t loop, const std::string& instance);
  void Drain();
  void WatchRoutesWhileDraining();
  void GatherMetrics(std::size_t asking, std::function<void(MetricsSnapshot)> done);
  LoopReports ReportsOf(std::size_t loop);
  void KeepBeatingWhileLoopsTurn();

  EventLoop& events_;
  Files& files_;
  const Home home_;
  const GatewayOptions options_;
  std::string region_;
  Mailbox mailbox_;
  ControlServer control_;
  ListenerHandover handover_;
  FolderWatch home_watch_;
  std::string certificate_;  // that the loops have
  bool tls_failing_ = false;
  EventLoop::Timer tls_timer_ = 0;
  std::shared_ptr<const RouteTable> routes_ = std::make_shared<RouteTable>();
  std::shared_ptr<const PublicRoutes> public_routes_;  // of routes_, once the loops were given them
  std::uint64_t round_ = 0;          // of giving routes to the loops
  bool answer_owed_ = false;         // to the controller, when all loops have taken them
  std::set<std::size_t> not_taken_;  // loops
  std::map<std::string, std::set<std::size_t>> busy_;  // instances that are routed to no more: loops they owe answers
  Counters counters_ = Counters::InMemory();  // until the file is open
  std::shared_ptr<const CounterSlots> slots_ = std::make_shared<CounterSlots>();
  SharedByLoops shared_;
  bool draining_ = false;
  std::size_t not_drained_ = 0;
  std::vector<std::unique_ptr<GatewayLoop>> loops_;  // last: their threads end before the rest goes
};

}  // namespace smhost
