#include "fakes/simulated_machine.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace smhost {
namespace {
constexpr int kDeathsToGiveUp = 5;
}  // namespace

// --- what happens by itself

void SimulatedMachine::Progress() {
  for (auto& [key, fetch] : fetches_) {
    if (fetch.seen.state != ObservedFetch::State::kRunning) continue;
    const std::string digest = DigestOf(key.second);
    const bool other = !fetch.expected.empty() && digest != fetch.expected;
    if (fetches_fail || other) fetch.seen = {ObservedFetch::State::kFailed, "", other ? "changed since" : "404", key.second};
    else fetch.seen = {ObservedFetch::State::kDone, digest, "", key.second};
    if (!fetch.seen.digest.empty()) snapshots_.insert(digest);
  }
  for (auto& [key, t] : templates_)
    if (t.state == ObservedTemplate::State::kLoading)
      t = templates_fail ? ObservedTemplate{ObservedTemplate::State::kFailed, "no model"} : ObservedTemplate{ObservedTemplate::State::kReady, ""};
  for (auto& [key, golden] : goldens_) {
    if (golden.state != ObservedGolden::State::kRunning) continue;
    golden.state = golden_fail ? ObservedGolden::State::kFailed : ObservedGolden::State::kPassed;
    golden.error = golden_fail ? "differs" : "";
  }
  for (auto& [id, process] : processes_) {
    if (process.seen.state == InstanceState::kDead) continue;
    if (process.kill || (process.term && !deaf)) {
      End(process);
    } else if (process.seen.state == InstanceState::kStarting && (process.ready || !slow_starts) && !process.term) {
      process.ready = !instances_fail;
      process.seen.reason = instances_fail ? "bad warm-up" : "";
      Move(process, instances_fail ? InstanceEvent::kSaidFailed : InstanceEvent::kSaidReady);
    }
  }
  if (!gateway_lags) Take();
}

void SimulatedMachine::KillOne(std::mt19937& random) {
  if (processes_.empty()) return;
  auto it = std::next(processes_.begin(), static_cast<long>(random() % processes_.size()));
  if (it->second.seen.state != InstanceState::kDead) End(it->second);
}

void SimulatedMachine::ExcuseDeaths(std::mt19937& random) {
  if (slots_.empty()) return;
  auto it = std::next(slots_.begin(), static_cast<long>(random() % slots_.size()));
  deaths_.erase(it->first);
  it->second.next_start = clock_.Monotonic();
  it->second.gave_up = false;
}

void SimulatedMachine::End(Process& process) {
  const InstanceState state = process.seen.state;
  const bool expected = state == InstanceState::kStopping || state == InstanceState::kKilling || state == InstanceState::kDraining;
  if (!expected) {
    const auto place = std::pair(process.endpoint, Slot{process.seen.fleet, process.seen.variant, process.seen.index});
    const int deaths = ++deaths_[place];
    slots_[place] = {clock_.Monotonic() + std::chrono::milliseconds(deaths > 1 ? 100 << deaths : 0), deaths >= kDeathsToGiveUp, "killed"};
  }
  Move(process, InstanceEvent::kEnded);
}

void SimulatedMachine::Move(Process& process, InstanceEvent event) {
  auto next = Next(process.seen.state, event);
  REQUIRE(next.has_value());
  process.seen.state = *next;
  process.seen.since = clock_.Monotonic();
}

void SimulatedMachine::Take() {
  taken_ = written_;
  taken_generation_ = generation_;
}

void SimulatedMachine::GatewayCatchesUp() { Take(); }
void SimulatedMachine::RestartGateway() { Take(); }

// The dead left no record that is locked; who is in the routes was ready; the others say so again, or that they failed.
void SimulatedMachine::RestartController() {
  std::set<std::string> routed;
  for (const auto& endpoint : written_)
    for (const auto& variant : endpoint.variants)
      for (const auto& instance : variant.instances) routed.insert(instance.id);
  std::erase_if(processes_, [](const auto& one) { return one.second.seen.state == InstanceState::kDead; });
  for (auto& [id, process] : processes_) {
    process.seen.state = routed.count(id) != 0 ? InstanceState::kReady : InstanceState::kStarting;
    process.seen.since = clock_.Monotonic();
  }
  fetches_.clear();
  goldens_.clear();
  slots_.clear();
  deaths_.clear();
}

void SimulatedMachine::LosePower() {
  processes_.clear();
  templates_.clear();
  taken_.clear();
  written_.clear();
  generation_ = taken_generation_ = 0;
}

void SimulatedMachine::Calm() {
  fetches_fail = templates_fail = instances_fail = golden_fail = slow_starts = deaf = gateway_lags = false;
  alarming.clear();
  slots_.clear();
  deaths_.clear();
  std::erase_if(templates_, [](const auto& one) { return one.second.state == ObservedTemplate::State::kFailed; });
}

std::size_t SimulatedMachine::InstancesOf(const EndpointKey& endpoint) const {
  return static_cast<std::size_t>(std::count_if(processes_.begin(), processes_.end(),
                                                [&](const auto& one) { return one.second.endpoint == endpoint; }));
}

bool SimulatedMachine::quiet() const {
  if (taken_generation_ != generation_) return false;
  for (const auto& [key, fetch] : fetches_)
    if (fetch.seen.state == ObservedFetch::State::kRunning) return false;
  for (const auto& [key, t] : templates_)
    if (t.state == ObservedTemplate::State::kLoading) return false;
  for (const auto& [key, golden] : goldens_)
    if (golden.state == ObservedGolden::State::kRunning) return false;
  for (const auto& [id, process] : processes_)
    if (process.seen.state != InstanceState::kReady) return false;
  return true;
}

// --- orders

SimulatedMachine::Process& SimulatedMachine::At(const std::string& id) {
  auto it = processes_.find(id);
  REQUIRE(it != processes_.end());
  return it->second;
}

void SimulatedMachine::Fetch(const EndpointKey& endpoint, const VariantSpec& variant) {
  crash.Step();
  fetches_.try_emplace({endpoint, variant.artifact_url}, FetchOrder{{}, variant.digest});
}

void SimulatedMachine::RunGolden(const EndpointKey& endpoint, const std::string&, const VariantSpec& variant, const std::string& instance) {
  crash.Step();
  REQUIRE(At(instance).seen.state == InstanceState::kReady);
  goldens_[{endpoint, variant.name}] = {};
}

void SimulatedMachine::ForgetDeployment(const EndpointKey& endpoint) {
  crash.Step();
  std::erase_if(fetches_, [&](const auto& one) { return one.first.first == endpoint; });
  std::erase_if(goldens_, [&](const auto& one) { return one.first.first == endpoint; });
}

bool SimulatedMachine::StartTemplate(const VariantSpec& variant) {
  crash.Step();
  REQUIRE(snapshots_.count(variant.digest) != 0);
  templates_.try_emplace(TemplateKey(variant));
  return true;
}

void SimulatedMachine::StartInstance(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, int index) {
  crash.Step();
  auto t = templates_.find(TemplateKey(variant));
  REQUIRE(t != templates_.end());
  REQUIRE(t->second.state == ObservedTemplate::State::kReady);
  for (const auto& [id, other] : processes_)  // a place holds one that is not ending
    if (other.endpoint == endpoint && other.seen.fleet == fleet && other.seen.variant == variant.name && other.seen.index == index)
      REQUIRE((other.seen.state == InstanceState::kStopping || other.seen.state == InstanceState::kKilling));
  Process process;
  process.endpoint = endpoint;
  process.seen.id = "i" + std::to_string(++next_);
  process.seen.fleet = fleet;
  process.seen.variant = variant.name;
  process.seen.index = index;
  process.seen.since = clock_.Monotonic();
  process.seen.started = clock_.Monotonic() + std::chrono::nanoseconds(next_);
  processes_[process.seen.id] = process;
}

// Does the gateway, as far as anybody can know, send requests there?
bool SimulatedMachine::RoutedByGateway(const std::string& id) const {
  for (const auto& endpoint : taken_)
    for (const auto& variant : endpoint.variants)
      for (const auto& instance : variant.instances)
        if (instance.id == id) return true;
  return false;
}

void SimulatedMachine::DrainInstance(const std::string& id) {
  crash.Step();
  REQUIRE_FALSE(RoutedByGateway(id));
  Move(At(id), InstanceEvent::kUnrouted);
}

void SimulatedMachine::StopInstance(const std::string& id) {
  crash.Step();
  // Nothing that gets requests is stopped, unless it cannot serve them.
  if (At(id).seen.state != InstanceState::kBroken && At(id).seen.state != InstanceState::kStarting) REQUIRE_FALSE(RoutedByGateway(id));
  Move(At(id), InstanceEvent::kTermSent);
  At(id).term = true;
}

void SimulatedMachine::KillInstance(const std::string& id) {
  crash.Step();
  Move(At(id), InstanceEvent::kKillSent);
  At(id).kill = true;
}

void SimulatedMachine::ForgetInstance(const std::string& id) {
  crash.Step();
  REQUIRE(At(id).seen.state == InstanceState::kDead);
  processes_.erase(id);
}

void SimulatedMachine::ForgetFleet(const EndpointKey& endpoint, const std::string& fleet) {
  crash.Step();
  std::erase_if(slots_, [&](const auto& one) { return one.first.first == endpoint && one.first.second.fleet == fleet; });
  std::erase_if(deaths_, [&](const auto& one) { return one.first.first == endpoint && one.first.second.fleet == fleet; });
}

Status SimulatedMachine::Publish(const std::vector<RouteEndpoint>& routes, const std::optional<std::vector<PublicRoute>>& public_routes) {
  crash.Step();
  for (const auto& endpoint : routes) {
    double weight = 0;
    bool serves = false;
    for (const auto& variant : endpoint.variants) {
      weight += variant.shadow ? 0 : variant.weight;
      serves = true;
      for (const auto& instance : variant.instances) {
        auto it = processes_.find(instance.id);  // no request to one that is not ready
        REQUIRE(it != processes_.end());
        REQUIRE(it->second.seen.state == InstanceState::kReady);
        REQUIRE_FALSE(it->second.term);
      }
    }
    if (endpoint.status == "InService") REQUIRE(serves);
    if (serves) REQUIRE(weight >= 0);
  }
  if (routes == written_ && public_routes.value_or(public_written_) == public_written_) return {};
  written_ = routes;
  public_written_ = public_routes.value_or(public_written_);
  ++generation_;
  return {};
}

void SimulatedMachine::KeepTemplates(const std::set<std::string>& keys) {
  std::erase_if(templates_, [&](const auto& one) { return keys.count(one.first) == 0; });
}

bool SimulatedMachine::SweepSnapshots(const std::set<std::string>& needed, const std::function<std::set<std::string>()>& spare) {
  if (!fetches_.empty()) return false;
  std::set<std::string> digests = spare();
  digests.insert(needed.begin(), needed.end());
  std::erase_if(snapshots_, [&](const auto& digest) { return digests.count(digest) == 0; });
  return true;
}

void SimulatedMachine::Observe(const EndpointKey& endpoint, Observed& observed) const {
  for (const auto& [id, process] : processes_)
    if (process.endpoint == endpoint) observed.instances.push_back(process.seen);
  for (const auto& [key, history] : slots_)
    if (key.first == endpoint) observed.slots[key.second] = history;
  for (const auto& [key, fetch] : fetches_)
    if (key.first == endpoint) observed.fetches[key.second] = fetch.seen;
  for (const auto& [key, golden] : goldens_)
    if (key.first == endpoint) observed.goldens[key.second] = golden;
  observed.templates = templates_;
  observed.alarming = alarming;
  observed.routes_current = taken_generation_ == generation_ && !gateway_lags;
}

}  // namespace smhost
