// How places in a fleet fare whose instances die. No template is there, so that each start is a death; one instance is
// adopted, which is a process that only waits.
#include "controller/instances.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "base/lock.h"
#include "base/log.h"
#include "base/sockets.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"

using namespace smhost;

namespace {

const EndpointKey kEndpoint{"000000000000", "e"};
const Slot kPlace{"f-1", "v", 0};
const std::string kAdopted = "i-00000000000a";

struct Scene {
  ScratchFolder folder;
  Home home{folder.path()};
  std::unique_ptr<Files> files = MakeSystemFiles();
  FakeClock clock;
  EventLoop loop;
  std::vector<std::string> notes;
  Templates templates{loop, *files, home, Templates::Events{[] {}, [] {}, [](const Exited&) {}, [](const std::string&, const std::string&, bool) {}}};
  int changes = 0;
  Instances instances{loop, *files, clock, home, templates, [this] { ++changes; },
                      [this](const EndpointKey&, const std::string& reason, const std::string&, bool) { notes.push_back(reason); }};
  Descriptor listener;
  std::optional<FileLock> record;
  pid_t child = 0;

  Scene() {
    spdlog::set_level(spdlog::level::off);
    REQUIRE(files->MakeFolders(home.Run() + "/instances", 0700));
  }
  ~Scene() { KillAdopted(); }

  // It is ready: the last controller routed to it.
  void Adopt() {
    child = ::fork();
    if (child == 0)
      for (;;) ::pause();
    auto listening = ListenUnix(home.InstanceSocket(kAdopted), SocketKind::kStream, 4);
    REQUIRE(listening);
    listener = std::move(*listening);
    InstanceOrder order{kAdopted, kEndpoint.account, kEndpoint.name, kPlace.fleet, kPlace.variant, kPlace.index};
    order.scratch_folder = folder.path() + "/scratch";
    order.log_path = folder.path() + "/log";
    auto lock = FileLock::Take(home.InstanceRecord(kAdopted), std::chrono::seconds(10));
    REQUIRE(lock);
    record = std::move(*lock);
    Json sent = Json::parse(Encode(order));
    REQUIRE(record->SetContent(EncodeRecord({ProcessId{child, StartTimeOf(child), BootId()}, sent})));
    instances.Adopt({kAdopted});
    REQUIRE(instances.all().at(kAdopted)->state == InstanceState::kReady);
  }
  void KillAdopted() {
    if (child <= 0) return;
    ::kill(child, SIGKILL);
    ::waitpid(std::exchange(child, 0), nullptr, 0);
  }
  void SeeItDead() {
    KillAdopted();
    for (int i = 0; i < 1000 && instances.all().at(kAdopted)->state != InstanceState::kDead; ++i)
      loop.RunOnce(std::chrono::milliseconds(10));
    REQUIRE(instances.all().at(kAdopted)->state == InstanceState::kDead);
  }
  // The ids of those that died.
  std::vector<std::string> Deaths(int count) {
    VariantSpec variant;
    variant.name = kPlace.variant;
    for (int i = 0; i < count; ++i) instances.Start(kEndpoint, kPlace.fleet, variant, kPlace.index);
    std::vector<std::string> ids;
    for (const auto& [id, instance] : instances.all())
      if (instance->state == InstanceState::kDead) ids.push_back(id);
    return ids;
  }
  SlotHistory Seen() { return instances.SlotsOf(kEndpoint).at(kPlace); }
  long Noted(const std::string& reason) const { return std::count(notes.begin(), notes.end(), reason); }
};

}  // namespace

TEST_CASE("a place whose instances died too often is given up, and comes back once two of the deaths are excused") {
  Scene scene;
  auto ids = scene.Deaths(5);
  REQUIRE(ids.size() == 5);
  REQUIRE(scene.Seen().gave_up);
  const int changes = scene.changes;
  scene.clock.Advance(std::chrono::minutes(5));  // however late it is told
  scene.instances.Excuse(ids[0]);
  scene.instances.Excuse(ids[3]);
  CHECK_FALSE(scene.Seen().gave_up);
  CHECK(*scene.Seen().next_start <= scene.clock.Monotonic());
  CHECK(scene.changes == changes + 2);
  CHECK(scene.Noted("StartLimitReached") == 1);
  CHECK(scene.Noted("StartLimitLifted") == 1);
}

TEST_CASE("an excused death is found when its instance is cleared away already, and one that nobody knows changes nothing") {
  Scene scene;
  auto ids = scene.Deaths(5);
  for (const auto& id : ids) scene.instances.Forget(id);
  scene.instances.Excuse("i-ffffffffffff");
  CHECK(scene.Seen().gave_up);
  scene.instances.Excuse(ids[2]);
  CHECK_FALSE(scene.Seen().gave_up);
  scene.instances.ForgetFleet(kEndpoint, kPlace.fleet);
  scene.instances.Excuse(ids[1]);
  CHECK(scene.instances.SlotsOf(kEndpoint).empty());
}

TEST_CASE("an instance whose end is seen after it was excused does not count") {
  Scene scene;
  scene.Adopt();
  scene.Deaths(4);
  scene.instances.Excuse(kAdopted);
  scene.SeeItDead();
  CHECK_FALSE(scene.Seen().gave_up);
  CHECK(scene.instances.RestartsOf(kEndpoint, kPlace) == 5);
  scene.Deaths(1);
  CHECK(scene.Seen().gave_up);
}

TEST_CASE("the same instance that nobody excuses is one death too many") {
  Scene scene;
  scene.Adopt();
  scene.Deaths(4);
  CHECK_FALSE(scene.Seen().gave_up);
  scene.SeeItDead();
  CHECK(scene.Seen().gave_up);
}
