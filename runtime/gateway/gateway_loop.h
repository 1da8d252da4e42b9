// One loop of the data plane: a thread with its listeners, connections and links. Its calls may come from any thread; they
// only leave a message for the loop's own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "gateway/loop_core.h"
#include "gateway/options.h"
#include "state/home.h"
#include "wire/routes.h"

namespace smhost {

class GatewayLoop {
 public:
  GatewayLoop(const GatewayOptions& options, const Home& home, const std::string& region, int loops, SharedByLoops& shared,
              LoopReports reports);
  ~GatewayLoop();
  GatewayLoop(const GatewayLoop&) = delete;

  // -1 or a listening socket each; the loop uses copies of its own.
  Status Start(int tcp_fd, int unix_fd);
  // `taken`: on the loop's thread, with the instances that are routed to no more and still owe answers.
  void SetRoutes(std::shared_ptr<const RouteTable> routes, std::shared_ptr<const CounterSlots> slots,
                 std::shared_ptr<const PublicRoutes> public_routes, std::function<void(std::vector<std::string> busy)> taken);
  void SetKeys(std::shared_ptr<const KeyRing> keys);
  void SetTls(std::shared_ptr<const TlsContext> tls);
  // Runs on the loop's thread.
  void Post(std::function<void(LoopCore&)> work);
  // Accepts no more and ends when nothing is left; `drained`: on the loop's thread, once.
  void Drain(std::function<void()> drained);
  // Ends the thread; what is still in flight is answered with 503 if its client listens.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smhost
