#include "base/process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("this process is found by its identity, another start time or boot is not it") {
  ProcessId self = ThisProcess();
  CHECK(self.start_time != 0);
  CHECK(OpenProcess(self));
  ProcessId other = self;
  SECTION("start time") { other.start_time += 1; }
  SECTION("boot") { other.boot_id = "another"; }
  SECTION("pid") { other.pid = 0; }
  auto opened = OpenProcess(other);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::kNotFound);
}

TEST_CASE("an exit is told in words") {
  CHECK(DescribeExit(3 << 8) == "ended with exit code 3");
  CHECK(DescribeExit(SIGKILL).find("killed by signal 9") == 0);
}

TEST_CASE("the stat of a process has its state first, one that is gone has none") {
  auto own = StatOf(::getpid());
  REQUIRE(own.size() > 20);
  CHECK(own[0] == "R");
  CHECK(own[1] == std::to_string(::getppid()));
  CHECK(StatOf(0).empty());
  CHECK(StartTimeOf(0) == 0);
}
