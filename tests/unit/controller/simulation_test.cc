// The reconciler, its store and its planning over a simulated clock, file system, processes and gateway: random histories,
// each from a seed that is printed where one fails, against what must always hold.
//
//     SMHOST_SIMULATION_SEED=N SMHOST_SIMULATION_HISTORIES=1 unit_controller "random histories*"     replays one
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "api/endpoint_updates.h"
#include "controller/journal_codec.h"
#include "fakes/simulated_machine.h"
#include "planning/rollout.h"
#include "resources/steering.h"
#include "state/layout.h"
#include "unit/state/state_world.h"

using namespace smhost;

namespace {

struct Simulation {
  StateWorld world;
  SimulatedMachine machine{world.clock};
  CrashingFiles files{world.files, machine.crash};
  std::optional<Store> store;
  std::optional<Reconciler> reconciler;
  std::mt19937 random;
  int boot = 1, url = 0;
  std::optional<MonotonicTime> look_again;
  std::map<std::string, std::string> restored;  // by endpoint: what its journal said last

  explicit Simulation(std::uint32_t seed) : random(seed) { Restart(); }

  bool OneIn(unsigned n) { return random() % n == 0; }
  int Pick(int low, int high) { return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)); }
  EndpointKey Key(const std::string& name) const { return {world.account, name}; }

  void Restart() {
    reconciler.reset();
    machine.crash.Disarm();
    machine.RestartController();
    store.emplace(files, world.clock, world.home);
    REQUIRE(store->RecoverAll());
    reconciler.emplace(*store, world.clock, machine, Machine{2, 8ull << 30}, "boot-" + std::to_string(boot));
    REQUIRE(reconciler->LoadJournals());
    if (OneIn(3)) TickWhileACommandWrites();
  }

  // A new controller that cannot read the documents yet: what serves goes on.
  void TickWhileACommandWrites() {
    std::set<std::string> serving;
    for (const char* name : {"e0", "e1"})
      if (const Journal* j = reconciler->JournalOf(Key(name)); j != nullptr && j->serving) serving.insert(name);
    auto lock = world.files.Lock(world.home.AccountLock(world.account), std::chrono::milliseconds(0));
    REQUIRE(lock);
    look_again = reconciler->Tick().look_again;
    REQUIRE(look_again.has_value());
    for (const auto& name : serving) {
      REQUIRE(reconciler->JournalOf(Key(name)) != nullptr);
      REQUIRE(reconciler->JournalOf(Key(name))->serving.has_value());
    }
  }

  void Tick() {
    try {
      look_again = reconciler->Tick().look_again;
    } catch (const CrashNow&) {
      Restart();
      return Tick();
    }
    CheckCapacity();
    for (const char* name : {"e0", "e1"}) CheckRestored(name);
  }

  // Where an undo was followed, the artifacts are those that it named, whatever their addresses hold by now.
  void CheckRestored(const std::string& name) {
    const Journal* j = reconciler->JournalOf(Key(name));
    if (j == nullptr || j->restored == std::exchange(restored[name], j->restored)) return;
    auto resource = world.MakeStore().Get(world.account, Kind::kEndpoint, name);
    const Restore restore = resource ? ReadSteering(resource->steering).restore : Restore();
    const std::optional<Fleet>& fleet = j->coming ? j->coming : j->serving;
    if (restore.id != j->restored || restore.id.empty() || !fleet) return;
    for (const auto& variant : fleet->variants)
      if (restore.digests.count(variant.artifact_url) != 0) REQUIRE(variant.digest == restore.digests.at(variant.artifact_url));
  }

  // While traffic moves by batches there are never fewer places for requests than the smaller of the two fleets has.
  void CheckCapacity() {
    for (const char* name : {"e0", "e1"}) {
      const Journal* j = reconciler->JournalOf(Key(name));
      if (j == nullptr || !j->serving || !j->coming || !j->rollout || j->rollout->step == 0) continue;
      for (const auto& blue : j->serving->variants) {
        const VariantSpec* green = FindVariant(*j->coming, blue.name);
        if (green == nullptr) continue;
        int places = 0;
        for (const auto& entry : TrafficOf(*j, world.clock.Monotonic()))
          if (entry.variant->name == blue.name) places += entry.routed;
        REQUIRE(places >= std::min(blue.count, green->count));
      }
    }
  }

  // --- somebody changes what is wanted

  Json RandomSize() { return {{"Type", "CAPACITY_PERCENT"}, {"Value", Pick(1, 5) * 10}}; }
  Json RandomDeploymentConfig() {
    Json config = Json::object();
    const int wait = Pick(0, 2) * 10;
    if (OneIn(3)) {
      config["RollingUpdatePolicy"] = {{"MaximumBatchSize", RandomSize()}, {"WaitIntervalInSeconds", wait}};
      if (OneIn(2)) config["RollingUpdatePolicy"]["RollbackMaximumBatchSize"] = RandomSize();
    } else {
      const char* types[] = {"ALL_AT_ONCE", "CANARY", "LINEAR"};
      const int type = Pick(0, 2);
      Json routing = {{"Type", types[type]}, {"WaitIntervalInSeconds", wait}};
      if (type == 1) routing["CanarySize"] = RandomSize();
      if (type == 2) routing["LinearStepSize"] = RandomSize();
      config["BlueGreenUpdatePolicy"] = {{"TrafficRoutingConfiguration", routing}, {"TerminationWaitInSeconds", Pick(0, 1) * 20}};
    }
    if (OneIn(3)) config["AutoRollbackConfiguration"] = {{"Alarms", Json::array({{{"AlarmName", "high"}}})}};
    return config;
  }
  Document Alarm() {
    return {Kind::kAlarm, "high",
            {{"AlarmName", "high"}, {"Namespace", "AWS/SageMaker"}, {"MetricName", "Invocation5XXErrors"}, {"Statistic", "Sum"},
             {"Period", 60}, {"EvaluationPeriods", 1}, {"Threshold", 0}, {"ComparisonOperator", "GreaterThanThreshold"}}};
  }
  static std::string Artifact(const std::string& model, int number) { return "s3://b/" + model + "-" + std::to_string(number) + ".tar.gz"; }
  Document RandomModel(const std::string& name) {
    const std::string artifact = Artifact(name, OneIn(2) ? ++url : Pick(0, url));
    if (OneIn(4)) machine.golden_digests.insert("sha256:" + artifact);
    return ModelDocument(name, artifact);
  }
  Document RandomConfig(const std::string& name) {
    Json variants = Json::array();
    for (const char* variant : {"main", "side"})
      if (variants.empty() || OneIn(3))
        variants.push_back({{"VariantName", variant}, {"ModelName", "m" + std::to_string(Pick(0, 1))},
                            {"InstanceType", "ml.m5.large"}, {"InitialInstanceCount", Pick(1, 3)}, {"InitialVariantWeight", Pick(1, 3)}});
    Document config{Kind::kEndpointConfig, name, {{"EndpointConfigName", name}, {"ProductionVariants", variants}}};
    if (variants.size() == 1 && OneIn(4))
      config.properties["ShadowProductionVariants"] = Json::array({{{"VariantName", "copy"}, {"ModelName", "m" + std::to_string(Pick(0, 1))}, {"InstanceType", "ml.m5.large"}, {"InitialInstanceCount", 1}}});
    return config;
  }
  Document RandomEndpoint(const std::string& name) {
    Document document = EndpointDocument(name, "c" + std::to_string(Pick(0, 1)));
    if (OneIn(2)) document.properties["DeploymentConfig"] = RandomDeploymentConfig();
    if (OneIn(5)) document.properties["RetainAllVariantProperties"] = true;
    return document;
  }

  void Apply(const std::vector<Document>& documents, const ApplyOptions& options = {}) {
    REQUIRE(world.MakeStore().Apply(world.account, documents, options));
    reconciler->DocumentsChanged();
  }
  void ApplyAll() {
    Apply({Alarm(), RandomModel("m0"), RandomModel("m1"), RandomConfig("c0"), RandomConfig("c1"), RandomEndpoint("e0"), RandomEndpoint("e1")});
  }

  void ChangeSomething() {
    Store commands = world.MakeStore();
    const std::string endpoint = "e" + std::to_string(Pick(0, 1));
    switch (Pick(0, 7)) {
      case 0: return Apply({RandomModel("m" + std::to_string(Pick(0, 1)))});
      case 1: return Apply({RandomConfig("c" + std::to_string(Pick(0, 1)))});
      case 2:
      case 3: return Apply({RandomEndpoint(endpoint)});
      case 4:
        if (OneIn(3)) (void)commands.Delete(world.account, Kind::kEndpoint, endpoint);
        break;
      case 5: Resize(commands, endpoint); break;
      case 6: Abort(commands, endpoint); break;
      case 7: (void)UndoRollout(commands, world.account, endpoint); break;
    }
    reconciler->DocumentsChanged();
  }
  void Resize(Store& commands, const std::string& endpoint) {
    (void)commands.Steer(world.account, endpoint, [&](Resource& resource) -> Status {
      auto config = commands.Get(world.account, Kind::kEndpointConfig, StringOr(resource.properties, "EndpointConfigName"));
      Steering steering = ReadSteering(resource.steering);
      steering.config_uid = config ? config->uid : "";
      steering.config_generation = config ? config->generation : 0;
      steering.sizes["main"] = {static_cast<double>(Pick(0, 3)), Pick(1, 4)};
      resource.steering = SteeringToJson(steering);
      ++resource.generation;
      return {};
    });
  }
  void Abort(Store& commands, const std::string& endpoint) {
    const Journal* journal = reconciler->JournalOf(Key(endpoint));
    if (journal == nullptr || !journal->coming) return;
    const std::string id = journal->coming->id;
    (void)commands.Steer(world.account, endpoint, [&](Resource& resource) -> Status {
      Steering steering = ReadSteering(resource.steering);
      steering.abort = id;
      resource.steering = SteeringToJson(steering);
      return {};
    });
  }

  // --- something goes wrong, or well again

  void Trouble() {
    auto flip = [](bool& flag) { flag = !flag; };
    switch (Pick(0, 17)) {
      case 0: return flip(machine.fetches_fail);
      case 1: return flip(machine.templates_fail);
      case 2: return flip(machine.instances_fail);
      case 3: return flip(machine.golden_fail);
      case 4: return flip(machine.slow_starts);
      case 5: return flip(machine.deaf);
      case 6: return flip(machine.gateway_lags);
      case 7: return machine.LoseTemplates();
      case 8: return machine.RestartGateway();
      case 9: return machine.crash.Arm(Pick(1, 25));
      case 10: return Restart();
      case 11: if (OneIn(4)) LosePower(); return;
      case 13: machine.alarming = machine.alarming.empty() ? std::set<std::string>{"high"} : std::set<std::string>{}; return;
      case 14: machine.changed_artifacts.insert(Artifact("m" + std::to_string(Pick(0, 1)), Pick(0, url))); return;
      case 12: return world.clock.SetWall(world.clock.Wall() + std::chrono::hours(24 * 365) * Pick(-1, 1));
      case 15: return machine.ExcuseDeaths(random);
      default: return machine.KillOne(random);
    }
  }
  void LosePower() {
    world.files.Crash();
    machine.LosePower();
    ++boot;
    Restart();
  }

  void Run(int length) {
    ApplyAll();
    for (int i = 0; i < length; ++i) {
      if (OneIn(3)) ChangeSomething();
      if (OneIn(2)) Trouble();
      if (OneIn(4)) world.clock.Advance(std::chrono::seconds(Pick(0, 40)));
      for (int steps = Pick(1, 4); steps > 0; --steps) {
        Tick();
        machine.Progress();
      }
    }
  }

  // --- the end: nothing goes wrong any more, and what failed is applied once more, as a person would.

  void Settle() {
    machine.Calm();
    machine.crash.Disarm();
    ApplyOptions again;
    std::vector<Document> documents;
    for (const char* name : {"e0", "e1"}) {
      auto resource = world.MakeStore().Get(world.account, Kind::kEndpoint, name);
      if (!resource) continue;
      documents.push_back({Kind::kEndpoint, name, resource->properties});
      again.retry.insert({Kind::kEndpoint, name});
    }
    if (!documents.empty()) Apply(documents, again);
    for (int quiet = 0, rounds = 0; quiet < 4; ++rounds) {
      REQUIRE(rounds < 3000);
      Tick();
      bool was_quiet = machine.quiet();
      machine.Progress();
      quiet = was_quiet && !look_again ? quiet + 1 : 0;
      if (was_quiet && look_again) world.clock.Advance(std::max<Duration>(Duration(1), *look_again - world.clock.Monotonic()));
    }
  }

  void CheckConverged() {
    for (const char* name : {"e0", "e1"}) {
      auto resource = world.MakeStore().Get(world.account, Kind::kEndpoint, name);
      const Journal* journal = reconciler->JournalOf(Key(name));
      if (!resource) {
        REQUIRE(journal == nullptr);
        REQUIRE(machine.InstancesOf(Key(name)) == 0);
        REQUIRE(world.MakeStore().GetStatus(world.account, Kind::kEndpoint, name).error().code == Code::kNotFound);
        continue;
      }
      REQUIRE(journal != nullptr);
      INFO(name << " of generation " << resource->generation << ": " << PrettyJson(JournalToJson(*journal, "")) << PrettyJson(world.MakeStore().GetStatus(world.account, Kind::kEndpoint, name).value_or(Json())));
      REQUIRE(journal->serving.has_value());
      REQUIRE_FALSE(journal->coming.has_value());
      REQUIRE(journal->leaving.empty());
      CheckServes(*resource, *journal->serving);
      auto status = world.MakeStore().GetStatus(world.account, Kind::kEndpoint, name);
      REQUIRE(status);
      CHECK(StringOr(*status, "EndpointStatus") == "InService");
      CHECK(StringOr(*status, "FailureReason") == "");
    }
  }
  void CheckServes(const Resource& endpoint, const Fleet& fleet) {
    const std::string config_name = StringOr(endpoint.properties, "EndpointConfigName");
    CHECK(fleet.config_name == config_name);
    auto config = world.MakeStore().Get(world.account, Kind::kEndpointConfig, config_name);
    REQUIRE(config);
    Json variants = config->properties["ProductionVariants"];
    for (const Json& shadow : MemberOr(config->properties, "ShadowProductionVariants")) variants.push_back(shadow);
    REQUIRE(fleet.variants.size() == variants.size());
    std::size_t instances = 0;
    for (std::size_t i = 0; i < variants.size(); ++i) {
      CHECK(fleet.variants[i].name == StringOr(variants[i], "VariantName"));
      CHECK(fleet.variants[i].artifact_url == world.UrlOf(StringOr(variants[i], "ModelName")));
      const std::string digest = "sha256:" + fleet.variants[i].artifact_url;
      CHECK((fleet.variants[i].digest == digest || fleet.variants[i].digest == digest + "+changed"));
      const bool sized_elsewhere = !endpoint.steering.is_null() || BoolOr(endpoint.properties, "RetainAllVariantProperties");
      if (!sized_elsewhere) CHECK(fleet.variants[i].count == IntOr(variants[i], "InitialInstanceCount"));
      instances += static_cast<std::size_t>(fleet.variants[i].count);
    }
    CHECK(machine.InstancesOf(Key(endpoint.name)) == instances);
  }
};

std::uint32_t FromEnvironment(const char* name, std::uint32_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

}  // namespace

TEST_CASE("random histories of updates, deaths, aborts and crashes converge, and nothing that must hold is ever broken") {
  const std::uint32_t seed = FromEnvironment("SMHOST_SIMULATION_SEED", std::random_device{}());
  const std::uint32_t histories = FromEnvironment("SMHOST_SIMULATION_HISTORIES", 100);
  for (std::uint32_t history = 0; history < histories; ++history) {
    INFO("SMHOST_SIMULATION_SEED=" << seed + history << " SMHOST_SIMULATION_HISTORIES=1");
    Simulation simulation(seed + history);
    simulation.Run(20);
    simulation.Settle();
    simulation.CheckConverged();
  }
}
