// What the reconciler asks of the world: processes, downloads, the gateway. The controller gives it the real ones, a
// simulation gives it others; whatever is ordered here shows in a later Observe. One thread; no call waits.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "controller/endpoint_key.h"
#include "planning/endpoint_plan.h"
#include "wire/routes.h"

namespace smhost {

class Machinery {
 public:
  virtual ~Machinery() = default;

  // --- orders
  virtual void WarmLauncher() = 0;
  virtual void Fetch(const EndpointKey& endpoint, const VariantSpec& variant) = 0;
  virtual void RunGolden(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, const std::string& instance) = 0;
  virtual void ForgetDeployment(const EndpointKey& endpoint) = 0;  // what was fetched and tried for the coming fleet
  virtual bool StartTemplate(const VariantSpec& variant) = 0;      // false: its snapshot is gone
  virtual void StartInstance(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, int index) = 0;
  virtual void DrainInstance(const std::string& id) = 0;   // routes are without it
  virtual void StopInstance(const std::string& id) = 0;    // SIGTERM
  virtual void KillInstance(const std::string& id) = 0;    // SIGKILL
  virtual void ForgetInstance(const std::string& id) = 0;  // dead: its record goes
  virtual void ForgetFleet(const EndpointKey& endpoint, const std::string& fleet) = 0;
  // No public routes: they are not known yet, and those published before stay.
  virtual Status Publish(const std::vector<RouteEndpoint>& routes, const std::optional<std::vector<PublicRoute>>& public_routes) = 0;
  // Templates that no fleet needs end.
  virtual void KeepTemplates(const std::set<std::string>& keys) = 0;
  // Snapshots that are not named go; `spare` names some that stay as long as there is room. False: not now.
  virtual bool SweepSnapshots(const std::set<std::string>& needed, const std::function<std::set<std::string>()>& spare) = 0;
  virtual bool WantsRoom() const = 0;  // it is short of it, and a sweep may help

  // --- what is
  // Everything but snapshots and golden_snapshots.
  virtual void Observe(const EndpointKey& endpoint, Observed& observed) const = 0;
  virtual bool HasSnapshot(const std::string& digest) const = 0;
  virtual bool BringsGolden(const std::string& digest) const = 0;
  struct InstanceFacts {
    int pid = 0, restarts = 0;
  };
  virtual InstanceFacts FactsOf(const EndpointKey& endpoint, const ObservedInstance& instance) const = 0;
  // What was counted of a shadow variant, for `describe`; null: nothing yet.
  virtual Json ShadowReport(const EndpointKey& endpoint, const std::string& variant) const = 0;

  // --- what is told
  virtual void Note(const EndpointKey& endpoint, const std::string& reason, const std::string& message, bool warning) = 0;
};

}  // namespace smhost
