#include "controller/alarms.h"

#include <catch2/catch.hpp>
#include <memory>

#include "base/limits.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"
#include "state/layout.h"

using namespace smhost;
using namespace std::chrono_literals;

namespace {

// Alarms over a home in a scratch folder: time is moved by hand, a gateway's counters too.
struct AlarmWorld {
  ScratchFolder folder;
  std::unique_ptr<Files> files = MakeSystemFiles();
  FakeClock clock;
  EventLoop loop;
  Home home{folder.path() + "/home"};
  std::unique_ptr<Store> store;
  std::unique_ptr<Counters> gateway;
  std::unique_ptr<Alarms> alarms;
  std::string account = kLocalAccount;
  std::vector<std::string> notes;
  int changes = 0;

  AlarmWorld() {
    REQUIRE(PrepareHome(*files, home));
    clock.SetWall(WallTime(1'750'000'020s));
    store = std::make_unique<Store>(*files, clock, home);
    StartController();
    gateway = std::make_unique<Counters>(*Counters::Open(home.Counters()));
  }
  void StartController() {
    alarms.reset();
    alarms = std::make_unique<Alarms>(
        loop, *files, clock, *store, home, [this] { ++changes; },
        [this](const std::string&, const std::string& alarm, const std::string& reason, const std::string& message, bool) {
          notes.push_back(alarm + " " + reason + ": " + message);
        });
  }
  void Requests(int count, int status) {
    for (int i = 0; i < count; ++i)
      gateway->Claim({account, "vad", "main", ""})->CountInvocation(status, status >= 500, 1, 100us, 10us);
  }
  void Tick(int times = 1) {
    for (; times > 0; --times) {
      clock.Advance(10s);
      alarms->Sample();
    }
  }
  Resource Errors(std::uint64_t generation = 1, int period = 10) const {
    Resource resource;
    resource.kind = Kind::kAlarm;
    resource.name = "errors";
    resource.uid = "u1";
    resource.generation = generation;
    resource.properties = Json::parse(R"({"Namespace": "AWS/SageMaker", "MetricName": "Invocation5XXErrors",
        "Dimensions": [{"Name": "EndpointName", "Value": "vad"}, {"Name": "VariantName", "Value": "main"}],
        "Statistic": "Sum", "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching"})");
    resource.properties["Period"] = period;
    return resource;
  }
  AlarmState State() const { return alarms->StatesOf(account).at("errors"); }
};

}  // namespace

TEST_CASE("an alarm goes off with the period in which its metric passed the threshold, and back") {
  AlarmWorld world;
  world.alarms->SetDocuments(world.account, {world.Errors()});
  CHECK(world.State() == AlarmState::kInsufficientData);
  world.Requests(1, 200);
  world.Tick();
  CHECK(world.State() == AlarmState::kOk);
  world.Requests(1, 500);
  world.Tick();
  CHECK(world.State() == AlarmState::kAlarm);
  CHECK(world.changes == 2);
  REQUIRE(world.notes.size() == 2);
  CHECK_THAT(world.notes[1], Catch::StartsWith("errors AlarmStateChanged: OK to ALARM: Threshold Crossed: 1 out of the last 1 datapoints [1.0"));
  world.Tick();
  CHECK(world.State() == AlarmState::kAlarm);  // a real value further back counts before a missing one is filled in
  world.Tick(2);
  CHECK(world.State() == AlarmState::kOk);
}

TEST_CASE("an alarm with a period of a minute is evaluated when a minute of the wall clock is over") {
  AlarmWorld world;  // it is 20 s past a minute
  world.alarms->SetDocuments(world.account, {world.Errors(1, 60)});
  world.alarms->EvaluateFresh();
  CHECK(world.State() == AlarmState::kOk);
  world.Requests(1, 500);
  const auto into = world.clock.Wall().time_since_epoch() % 60s;
  const int left = static_cast<int>((60s - into) / 10s);
  world.Tick(left - 1);
  CHECK(world.State() == AlarmState::kOk);
  world.Tick();
  CHECK(world.State() == AlarmState::kAlarm);
}

TEST_CASE("the state and the values of an alarm survive the controller") {
  AlarmWorld world;
  world.alarms->SetDocuments(world.account, {world.Errors()});
  world.Tick();
  world.Requests(1, 500);
  world.Tick();
  REQUIRE(world.State() == AlarmState::kAlarm);
  const auto status = world.store->GetStatus(world.account, Kind::kAlarm, "errors");
  REQUIRE(status);
  CHECK(StringOr(*status, "StateValue") == "ALARM");
  CHECK_THAT(StringOr(*status, "StateReason"), Catch::Contains("Threshold Crossed"));
  CHECK(ParseJson(StringOr(*status, "StateReasonData"), "data", 10'000));
  world.Requests(1, 500);
  world.StartController();
  world.alarms->SetDocuments(world.account, {world.Errors()});
  CHECK(world.State() == AlarmState::kAlarm);
  world.Tick();
  CHECK(world.alarms->series().Query({{world.account, "vad", "main", ""}, "Invocation5XXErrors", "Sum", 10}, 2) ==
        std::vector<std::optional<double>>{1, 1});
  CHECK(world.State() == AlarmState::kAlarm);
}

TEST_CASE("a deleted alarm's status goes, and a new one of its name begins anew") {
  AlarmWorld world;
  world.alarms->SetDocuments(world.account, {world.Errors()});
  world.Requests(1, 500);
  world.Tick();
  world.Requests(1, 500);
  world.Tick();
  REQUIRE(world.State() == AlarmState::kAlarm);
  world.alarms->SetDocuments("111111111111", {});
  CHECK(world.State() == AlarmState::kAlarm);
  world.alarms->SetDocuments(world.account, {});
  CHECK(world.alarms->StatesOf(world.account).empty());
  CHECK(world.store->GetStatus(world.account, Kind::kAlarm, "errors").error().code == Code::kNotFound);
  Resource other = world.Errors();
  other.uid = "u2";
  world.alarms->SetDocuments(world.account, {other});
  CHECK(world.State() == AlarmState::kInsufficientData);
}

TEST_CASE("setting the wall clock neither loses nor doubles what an alarm sees") {
  AlarmWorld world;
  world.alarms->SetDocuments(world.account, {world.Errors(1, 30)});
  world.Tick();
  world.Requests(1, 500);
  world.Tick();
  for (const auto jump : {-3600s, 7200s}) {
    world.clock.SetWall(world.clock.Wall() + jump);
    world.Tick();
  }
  CHECK(world.alarms->series().Query({{world.account, "vad", "main", ""}, "Invocation5XXErrors", "Sum", 10}, 4) ==
        std::vector<std::optional<double>>{std::nullopt, 1, std::nullopt, std::nullopt});
}

TEST_CASE("a damaged file of counters is told of once and counting goes on") {
  AlarmWorld world;
  REQUIRE(world.files->Remove(world.home.Counters()));
  REQUIRE(world.files->WriteNewUnsynced(world.home.Counters(), "nonsense", 0600));
  world.StartController();
  REQUIRE(world.notes.size() == 1);
  CHECK_THAT(world.notes[0], Catch::Contains("CountersReplaced"));
  world.gateway = std::make_unique<Counters>(*Counters::Open(world.home.Counters()));
  world.alarms->SetDocuments(world.account, {world.Errors()});
  world.Tick();
  world.Requests(1, 500);
  world.Tick();
  CHECK(world.State() == AlarmState::kAlarm);
}

TEST_CASE("an alarm on a metric that clients put is evaluated on what they put") {
  AlarmWorld world;
  Resource alarm = world.Errors();
  alarm.properties["Namespace"] = "Shop";
  alarm.properties["MetricName"] = "Orders";
  alarm.properties["Dimensions"] = Json::parse(R"([{"Name": "Place", "Value": "Rome"}])");
  alarm.properties["Threshold"] = 5;
  world.alarms->SetDocuments(world.account, {alarm});
  const auto put = [&](double value, const char* place) {
    MetricDatum datum;
    datum.id = {"Shop", "Orders", {{"Place", place}}};
    datum.time = std::chrono::duration_cast<std::chrono::seconds>(world.clock.Wall().time_since_epoch()).count();
    datum.values = {{value, 1}};
    REQUIRE(AppendMetricData(*world.files, world.home, world.account, {datum}));
  };
  put(9, "Oslo");
  world.Tick();
  CHECK(world.State() == AlarmState::kOk);
  put(9, "Rome");
  world.Tick();
  CHECK(world.State() == AlarmState::kAlarm);
  world.Tick(3);
  CHECK(world.State() == AlarmState::kOk);
}

TEST_CASE("a state that a client sets holds until the alarm is due again, and is taken once") {
  AlarmWorld world;
  world.alarms->SetDocuments(world.account, {world.Errors()});
  world.Tick();
  REQUIRE(world.State() == AlarmState::kOk);
  AlarmRequests requests(*world.files, world.home);
  REQUIRE(requests.Put(world.account, "errors", {"u1", "ALARM", "a drill", "", "2026-01-31T12:00:00.000Z"}));
  const int changes = world.changes;
  world.Tick();
  CHECK(world.State() == AlarmState::kAlarm);
  CHECK(world.changes == changes + 1);
  CHECK_THAT(world.notes.back(), Catch::Contains("OK to ALARM: a drill"));
  CHECK(StringOr(*world.store->GetStatus(world.account, Kind::kAlarm, "errors"), "StateReason") == "a drill");
  CHECK_FALSE(requests.Get(world.account, "errors"));
  world.Tick();
  CHECK(world.State() == AlarmState::kOk);
}

TEST_CASE("a state that was set for an earlier alarm of the name is passed over") {
  AlarmWorld world;
  world.alarms->SetDocuments(world.account, {world.Errors()});
  AlarmRequests requests(*world.files, world.home);
  REQUIRE(requests.Put(world.account, "errors", {"u0", "ALARM", "a drill", "", "2026-01-31T12:00:00.000Z"}));
  REQUIRE(requests.Put(world.account, "gone", {"u0", "ALARM", "a drill", "", "2026-01-31T12:00:00.000Z"}));
  world.Tick();
  CHECK(world.State() == AlarmState::kOk);
  CHECK_FALSE(requests.Get(world.account, "errors"));
  CHECK_FALSE(requests.Get(world.account, "gone"));
}
