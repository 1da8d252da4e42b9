// The machinery of a running controller: templates, instances, fetches, golden sets and the gateway of this machine. One
// thread, the controller's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "artifacts/snapshots.h"
#include "base/event_loop.h"
#include "base/files.h"
#include "controller/alarms.h"
#include "controller/fetches.h"
#include "controller/gateway_link.h"
#include "controller/goldens.h"
#include "controller/instances.h"
#include "controller/machinery.h"
#include "controller/templates.h"
#include "state/history.h"

namespace smhost {

class RealMachinery final : public Machinery {
 public:
  // `changed`: something that Observe shows is new. `want_launcher` asks the supervisor to start one.
  RealMachinery(EventLoop& loop, Files& files, const Clock& clock, Store& store, const Home& home,
                std::function<void()> changed, std::function<void()> want_launcher);

  // Opens the history; adopts what lives; connects to the gateway. An error: this home is a newer smhost's.
  Status Start();

  // The alarms that there are now.
  void SetAlarms(const std::string& account, const std::vector<Resource>& alarms) { alarms_->SetDocuments(account, alarms); }

  void WarmLauncher() override { templates_->WarmLauncher(); }
  void Fetch(const EndpointKey& endpoint, const VariantSpec& variant) override { fetches_->Start(endpoint, variant); }
  void RunGolden(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, const std::string& instance) override;
  void ForgetDeployment(const EndpointKey& endpoint) override;
  bool StartTemplate(const VariantSpec& variant) override;
  void StartInstance(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, int index) override {
    instances_->Start(endpoint, fleet, variant, index);
  }
  void DrainInstance(const std::string& id) override { instances_->Drain(id); }
  void StopInstance(const std::string& id) override { instances_->Stop(id); }
  void KillInstance(const std::string& id) override { instances_->Kill(id); }
  void ForgetInstance(const std::string& id) override { instances_->Forget(id); }
  void ForgetFleet(const EndpointKey& endpoint, const std::string& fleet) override { instances_->ForgetFleet(endpoint, fleet); }
  Status Publish(const std::vector<RouteEndpoint>& routes, const std::optional<std::vector<PublicRoute>>& public_routes) override;
  void KeepTemplates(const std::set<std::string>& keys) override { templates_->KeepOnly(keys); }
  bool SweepSnapshots(const std::set<std::string>& needed, const std::function<std::set<std::string>()>& spare) override;
  bool WantsRoom() const override { return wants_room_; }

  void Observe(const EndpointKey& endpoint, Observed& observed) const override;
  bool HasSnapshot(const std::string& digest) const override { return snapshots_.PathOf(digest).has_value(); }
  bool BringsGolden(const std::string& digest) const override;
  InstanceFacts FactsOf(const EndpointKey& endpoint, const ObservedInstance& instance) const override;
  Json ShadowReport(const EndpointKey& endpoint, const std::string& variant) const override;

  void Note(const EndpointKey& endpoint, const std::string& reason, const std::string& message, bool warning) override;

 private:
  void Append(const std::string& account, const char* kind, const std::string& name, const std::string& reason,
              const std::string& message, bool warning);
  void ShowShadowsSoon();

  EventLoop& loop_;
  Files& files_;
  const Clock& clock_;
  Store& store_;
  const Home& home_;
  std::function<void()> changed_, want_launcher_;
  bool shadows_ = false, shadows_soon_ = false;  // copies of requests are counted, which statuses show
  bool wants_room_ = false;                      // a fetch failed, for want of room perhaps
  SnapshotStore snapshots_;
  std::optional<History> history_;  // none where it could not be opened: a convenience, not a need
  std::unique_ptr<Alarms> alarms_;
  std::unique_ptr<GatewayLink> gateway_;
  std::unique_ptr<Templates> templates_;
  std::unique_ptr<Instances> instances_;
  std::unique_ptr<Fetches> fetches_;
  std::unique_ptr<Goldens> goldens_;
};

}  // namespace smhost
