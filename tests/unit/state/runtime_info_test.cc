#include "state/runtime_info.h"

#include <catch2/catch.hpp>

#include "base/lock.h"
#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

RuntimeInfo Sample() {
  RuntimeInfo info;
  info.pid = 4711;
  info.start_time = 123456;
  info.address = "127.0.0.2";
  info.port = 8790;
  info.version = "0.1.0";
  info.started = "2026-01-31T12:00:00.000Z";
  return info;
}

TEST_CASE("a runtime is there while its lock is held, whatever the file says") {
  ScratchFolder scratch;
  Home home(scratch.path());
  CHECK_FALSE(RunningRuntime(home));
  {
    auto lock = FileLock::Take(home.Lock(), 0ms);
    REQUIRE(lock);
    auto silent = RunningRuntime(home);
    REQUIRE(silent);
    CHECK(silent->pid == 0);
    REQUIRE(lock->SetContent(EncodeRuntimeInfo(Sample())));
    auto info = RunningRuntime(home);
    REQUIRE(info);
    CHECK(info->pid == 4711);
    CHECK(info->start_time == 123456);
    CHECK(info->address == "127.0.0.2");
    CHECK(info->port == 8790);
    CHECK(info->version == "0.1.0");
    CHECK(info->started == "2026-01-31T12:00:00.000Z");
    REQUIRE(lock->SetContent("torn {"));
    CHECK(RunningRuntime(home)->pid == 0);
    REQUIRE(lock->SetContent(EncodeRuntimeInfo(Sample())));
  }
  CHECK_FALSE(RunningRuntime(home));
}

TEST_CASE(
    "the next supervisor learns from the lock file of a killed runtime, and nothing from that of one that ended in "
    "order") {
  ScratchFolder scratch;
  Home home(scratch.path());
  CHECK_FALSE(KilledRuntime(home));
  auto lock = FileLock::Take(home.Lock(), 0ms);
  REQUIRE(lock);
  CHECK_FALSE(KilledRuntime(home));
  REQUIRE(lock->SetContent(EncodeRuntimeInfo(Sample())));
  REQUIRE(KilledRuntime(home));
  CHECK(KilledRuntime(home)->port == 8790);
  REQUIRE(lock->SetContent(""));
  CHECK_FALSE(KilledRuntime(home));
}

TEST_CASE("loopback addresses are told from those that other machines reach") {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) CHECK(IsLoopbackAddress(address));
  for (const char* address : {"0.0.0.0", "::", "192.168.1.5", "128.0.0.1", "fd00::1", "::ffff:10.0.0.1", "localhost", ""})
    CHECK_FALSE(IsLoopbackAddress(address));
  for (const char* address : {"0.0.0.0", "::"}) CHECK(IsAnyAddress(address));
  for (const char* address : {"127.0.0.1", "::1", "10.0.0.1", ""}) CHECK_FALSE(IsAnyAddress(address));
}

}  // namespace
}  // namespace smhost
