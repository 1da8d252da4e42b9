#include "controller/controller_main.h"

#include <signal.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/heartbeat.h"
#include "base/log.h"
#include "base/process.h"
#include "controller/controller.h"
#include "state/layout.h"

namespace smhost {
namespace {

struct Options {
  std::string home;
  int supervisor_fd = -1;
  int beat_fd = -1;
};

bool ParseOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; ++i) {
    std::string name = argv[i];
    if (name == "--home") options.home = argv[++i];
    else if (name == "--supervisor-fd") options.supervisor_fd = std::atoi(argv[++i]);
    else if (name == "--beat-fd") options.beat_fd = std::atoi(argv[++i]);
  }
  return !options.home.empty();
}

}  // namespace

int ControllerMain(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, options)) {
    std::fprintf(stderr, "smhostd controller: --home is needed; `smhostd up` starts this process\n");
    return 2;
  }
  Home home(options.home);
  SetProcessTitle("smhostd: controller [" + home.root() + "]");
  StartLog(home.ProcessLog("controller"));
  auto files = MakeSystemFiles();
  SystemClock clock;
  EventLoop loop;
  ::signal(SIGPIPE, SIG_IGN);
  loop.OnSignals({SIGTERM, SIGINT, SIGHUP}, [&loop](int) { loop.Stop(); });
  if (auto ready = PrepareHome(*files, home); !ready) {
    spdlog::critical("{}", ready.error().message);
    return 1;
  }
  Controller controller(loop, *files, clock, home, [&options] {
    if (options.supervisor_fd >= 0) ::send(options.supervisor_fd, "L", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  });
  // The supervisor's answers say nothing that the launcher's socket does not say better, but they must not pile up.
  if (options.supervisor_fd >= 0) {
    loop.OnReadable(options.supervisor_fd, [&] {
      char room[64];
      if (::read(options.supervisor_fd, room, sizeof room) <= 0) loop.Forget(options.supervisor_fd);
    });
  }
  if (auto started = controller.Start(); !started) {
    spdlog::critical("{}", started.error().message);
    return 1;
  }
  KeepBeating(loop, options.beat_fd);
  loop.Run();
  return 0;
}

}  // namespace smhost
