// The controller's side of run/gateway.sock: gives route tables to the gateway and knows which one it has taken and which
// instances still owe answers. Connects again by itself whenever the gateway was replaced. The controller's thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/event_loop.h"
#include "base/files.h"
#include "state/home.h"
#include "wire/control.h"
#include "wire/routes.h"

namespace smhost {

class GatewayLink {
 public:
  // `changed`: the gateway took routes, an instance owes nothing more, or the link broke.
  // `lost`: the gateway's connection to an instance broke. `poisoned`: a request that is refused from now on has ended it.
  GatewayLink(EventLoop& loop, Files& files, const Home& home, std::function<void()> changed,
              std::function<void(const std::string&)> lost, std::function<void(const std::string&)> poisoned);
  ~GatewayLink();

  // Writes the table under the next generation and tells the gateway; nothing if it equals the one before. No public routes:
  // they are not known yet, those of the table before stay.
  Status Publish(const std::vector<RouteEndpoint>& endpoints, const std::optional<std::vector<PublicRoute>>& public_routes);
  // Has the gateway taken the newest table?
  bool Current() const { return socket_ && taken_ == table_.generation; }
  const std::set<std::string>& owing() const { return owing_; }

 private:
  void Connect();
  void Lose();
  void Read();
  void Tell();
  void Handle(const std::string& message);

  EventLoop& loop_;
  Files& files_;
  const Home& home_;
  std::function<void()> changed_;
  std::function<void(const std::string&)> lost_, poisoned_;
  Descriptor socket_;
  RouteTable table_;
  std::uint64_t taken_ = 0;
  std::set<std::string> owing_;
  Duration retry_;
};

}  // namespace smhost
