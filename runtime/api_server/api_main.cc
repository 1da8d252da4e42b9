#include "api_server/api_main.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "api_server/api_server.h"
#include "base/heartbeat.h"
#include "base/log.h"
#include "base/process.h"
#include "state/layout.h"

namespace smhost {
namespace {

struct Options {
  std::string home;
  int beat_fd = -1;
};

bool ParseOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; ++i) {
    std::string name = argv[i];
    if (name == "--home") options.home = argv[++i];
    else if (name == "--beat-fd") options.beat_fd = std::atoi(argv[++i]);
  }
  return !options.home.empty();
}

}  // namespace

int ApiMain(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, options)) {
    std::fprintf(stderr, "smhostd api: --home is needed; `smhostd up` starts this process\n");
    return 2;
  }
  Home home(options.home);
  SetProcessTitle("smhostd: api [" + home.root() + "]");
  StartLog(home.ProcessLog("api"));
  ::signal(SIGPIPE, SIG_IGN);
  auto files = MakeSystemFiles();
  if (auto ready = PrepareHome(*files, home); !ready) {
    spdlog::critical("{}", ready.error().message);
    return 1;
  }
  EventLoop loop;
  ApiServer server(loop, home);
  loop.OnSignals({SIGTERM, SIGINT}, [&server](int) { server.Drain(); });  // before any thread starts
  if (auto started = server.Start(); !started) {
    spdlog::critical("{}", started.error().message);
    return 1;
  }
  KeepBeating(loop, options.beat_fd);
  loop.Run();
  spdlog::info("api: stopped");
  return 0;
}

}  // namespace smhost
