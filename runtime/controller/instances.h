// The instances as the controller sees them: orders them from their templates, adopts those that live, hears that they
// are ready, asks the ready ones whether they live, sees them end by their pidfd, remembers how the places in a fleet
// have fared. The controller's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/files.h"
#include "controller/endpoint_key.h"
#include "controller/pulse.h"
#include "controller/templates.h"
#include "planning/endpoint_plan.h"
#include "planning/restart_policy.h"
#include "state/home.h"
#include "wire/control.h"
#include "wire/frame.h"

namespace smhost {

class Instances {
 public:
  struct Instance {
    InstanceOrder order;
    std::string template_key;
    ProcessId process;
    Descriptor pidfd, socket;
    FrameReader frames;
    InstanceState state = InstanceState::kStarting;
    MonotonicTime started{}, since{};
    std::string reason;      // why it is broken or dead
    std::optional<Pulse> pulse;  // once it is ready
    bool lost = false;           // it cannot hear SIGTERM, or will not end by it
    bool excused = false;        // a request that is refused from now on ends it
  };
  using Note = std::function<void(const EndpointKey&, const std::string& reason, const std::string& message, bool warning)>;

  Instances(EventLoop& loop, Files& files, const Clock& clock, const Home& home, Templates& templates,
            std::function<void()> changed, Note note);
  ~Instances();

  // Once, at start. Those in `routed` were ready when the last controller said so.
  void Adopt(const std::set<std::string>& routed);
  void Start(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, int index);
  void Drain(const std::string& id);   // routes are without it
  void Stop(const std::string& id);    // SIGTERM
  void Kill(const std::string& id);    // SIGKILL
  void Forget(const std::string& id);  // dead: its record, socket and scratch folder go
  void ForgetFleet(const EndpointKey& endpoint, const std::string& fleet);
  void TemplateSaysExited(const Exited& exited);
  // A request has ended it and is refused from now on, so its place is not given up for that; whether its end was seen
  // already or will be soon. A place that was given up for nothing else comes back.
  void Excuse(const std::string& id);

  // What the plan looks at, for one endpoint.
  void Observe(const EndpointKey& endpoint, Observed& observed) const;
  const std::map<std::string, std::unique_ptr<Instance>>& all() const { return instances_; }
  std::map<Slot, SlotHistory> SlotsOf(const EndpointKey& endpoint) const;
  int RestartsOf(const EndpointKey& endpoint, const Slot& slot) const;

 private:
  using PlaceKey = std::pair<EndpointKey, Slot>;
  struct Place {
    RestartHistory history;
    SlotHistory seen;
    int restarts = 0;
  };

  Instance* Find(const std::string& id);
  void Happen(Instance& instance, InstanceEvent event);
  void Watch(Instance& instance);
  bool Connect(Instance& instance);
  void Read(const std::string& id);
  void OnHello(Instance& instance, const Frame& hello);
  void Break(Instance& instance, const std::string& reason);
  void LookSoon();
  void LookAtAll();
  void Look(Instance& instance);
  void CloseSocket(Instance& instance);
  void PidEnded(const std::string& id);
  // It has ended; its template says how, soon. `otherwise`: in case it does not.
  void AwaitReason(const std::string& id, const std::string& otherwise);
  void Ended(Instance& instance, const std::string& reason);
  void RememberDeath(const Instance& instance);
  void Judge(const PlaceKey& key, Place& place);
  void SweepLogs(const std::string& folder);
  bool MakeFolders(const InstanceOrder& order, std::string& error);
  static EndpointKey KeyOf(const Instance& i) { return {i.order.account, i.order.endpoint}; }
  static Slot SlotOf(const Instance& i) { return {i.order.fleet, i.order.variant, i.order.index}; }

  EventLoop& loop_;
  Files& files_;
  const Clock& clock_;
  const Home& home_;
  Templates& templates_;
  std::function<void()> changed_;
  Note note_;
  std::map<std::string, std::unique_ptr<Instance>> instances_;
  std::map<PlaceKey, Place> places_;
  EventLoop::Timer look_ = 0;  // 0: none is ready
};

}  // namespace smhost
