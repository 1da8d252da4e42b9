// A machine for the reconciler: processes that live and die, a gateway that takes routes late, downloads and golden sets
// that fail, all in memory. It outlives the reconciler, which may crash at any order. It checks what must hold at every
// moment; a breach is a failed REQUIRE.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "controller/machinery.h"
#include "controller/reconciler.h"
#include "fakes/crashing_files.h"
#include "fakes/fake_clock.h"

namespace smhost {

class SimulatedMachine final : public Machinery {
 public:
  explicit SimulatedMachine(const FakeClock& clock) : clock_(clock) {}

  // --- what goes wrong, until told otherwise
  bool fetches_fail = false, templates_fail = false, instances_fail = false, golden_fail = false;
  bool slow_starts = false, deaf = false, gateway_lags = false;
  std::set<std::string> alarming, golden_digests, changed_artifacts;
  CrashPoint crash;

  // --- what happens by itself
  void Progress();                          // downloads end, models load, processes hear their signals
  void KillOne(std::mt19937& random);       // kill -9 of some instance
  void ExcuseDeaths(std::mt19937& random);  // in some place, which comes back if it was given up
  void LoseTemplates() { templates_.clear(); }
  void RestartGateway();                    // it reads the routes that were written last, and owes nothing
  void RestartController();                 // what its memory held is gone; processes are adopted
  void LosePower();                         // every process is gone
  void GatewayCatchesUp();
  void Calm();                              // nothing goes wrong any more

  std::size_t instances() const { return processes_.size(); }
  std::size_t InstancesOf(const EndpointKey& endpoint) const;
  const std::vector<RouteEndpoint>& taken() const { return taken_; }
  bool quiet() const;                       // nothing would happen by itself

  // --- Machinery
  void WarmLauncher() override {}
  void Fetch(const EndpointKey& endpoint, const VariantSpec& variant) override;
  void RunGolden(const EndpointKey&, const std::string&, const VariantSpec&, const std::string&) override;
  void ForgetDeployment(const EndpointKey& endpoint) override;
  bool StartTemplate(const VariantSpec& variant) override;
  void StartInstance(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, int index) override;
  void DrainInstance(const std::string& id) override;
  void StopInstance(const std::string& id) override;
  void KillInstance(const std::string& id) override;
  void ForgetInstance(const std::string& id) override;
  void ForgetFleet(const EndpointKey& endpoint, const std::string& fleet) override;
  Status Publish(const std::vector<RouteEndpoint>& routes, const std::optional<std::vector<PublicRoute>>& public_routes) override;
  void KeepTemplates(const std::set<std::string>& keys) override;
  bool SweepSnapshots(const std::set<std::string>& needed, const std::function<std::set<std::string>()>& spare) override;
  bool WantsRoom() const override { return false; }
  void Observe(const EndpointKey& endpoint, Observed& observed) const override;
  bool HasSnapshot(const std::string& digest) const override { return snapshots_.count(digest) != 0; }
  bool BringsGolden(const std::string& digest) const override { return golden_digests.count(digest) != 0; }
  InstanceFacts FactsOf(const EndpointKey&, const ObservedInstance&) const override { return {}; }
  Json ShadowReport(const EndpointKey&, const std::string&) const override { return Json(); }
  void Note(const EndpointKey&, const std::string&, const std::string&, bool) override {}

 private:
  struct Process {
    EndpointKey endpoint;
    ObservedInstance seen;      // by the controller
    bool ready = false;         // said so to whoever asks
    bool term = false, kill = false;
  };

  Process& At(const std::string& id);
  bool RoutedByGateway(const std::string& id) const;
  void Move(Process& process, InstanceEvent event);
  void End(Process& process);
  void Take();

  const FakeClock& clock_;
  std::map<std::string, Process> processes_;
  std::map<std::string, ObservedTemplate> templates_;
  struct FetchOrder {
    ObservedFetch seen;
    std::string expected;  // digest; empty: any
  };
  std::string DigestOf(const std::string& url) const { return "sha256:" + url + (changed_artifacts.count(url) != 0 ? "+changed" : ""); }
  std::map<std::pair<EndpointKey, std::string>, FetchOrder> fetches_;
  std::map<std::pair<EndpointKey, std::string>, ObservedGolden> goldens_;
  std::map<std::pair<EndpointKey, Slot>, SlotHistory> slots_;
  std::map<std::pair<EndpointKey, Slot>, int> deaths_;
  std::set<std::string> snapshots_;
  std::vector<RouteEndpoint> written_, taken_;
  std::vector<PublicRoute> public_written_;
  std::uint64_t generation_ = 0, taken_generation_ = 0;
  int next_ = 0;
};

}  // namespace smhost
