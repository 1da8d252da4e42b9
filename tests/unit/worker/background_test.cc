#include "worker/background.h"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace smhost {
namespace {

int NiceOf(pid_t thread) { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread)); }

// A process could never raise its own priority again: each try has one of its own.
int InAChild(int (*body)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("background work has a lower priority, and the thread that waits for it keeps its own") {
  CHECK(InAChild([] {
          const int before = NiceOf(0);
          int during = before;
          RunInBackground([&] { during = NiceOf(0); });
          return during > before && NiceOf(0) == before ? 0 : 1;
        }) == 0);
}

TEST_CASE("a process that leaves does so with the lowest priority, in each of its threads") {
  CHECK(InAChild([] {
          std::thread([] {
            std::thread([] { LeaveInBackground(); }).join();
            if (NiceOf(0) != 19) ::_exit(1);
          }).join();
          return NiceOf(0) == 19 ? 0 : 2;
        }) == 0);
}

}  // namespace
}  // namespace smhost
