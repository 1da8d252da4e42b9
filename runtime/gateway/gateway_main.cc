#include "gateway/gateway_main.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "base/event_loop.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "gateway/gateway.h"
#include "gateway/options.h"
#include "state/home.h"

namespace smhost {
namespace {

void AllowManyDescriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, limits::kDescriptors));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int GatewayMain(int argc, char** argv) {
  auto options = ParseGatewayOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().message.c_str());
    return 2;
  }
  auto home = Home::Find(options->home);
  if (!home) {
    std::fprintf(stderr, "%s\n", home.error().message.c_str());
    return 1;
  }
  StartLog(home->ProcessLog("gateway"));
  SetProcessTitle("smhostd: gateway [" + home->root() + "]");
  AllowManyDescriptors();
  ::signal(SIGPIPE, SIG_IGN);

  EventLoop events;
  auto files = MakeSystemFiles();
  Gateway gateway(events, *files, *home, *options);
  events.OnSignals({SIGTERM, SIGINT, SIGHUP}, [&](int number) { gateway.OnSignal(number); });  // before any thread starts
  if (auto started = gateway.Start(); !started) {
    spdlog::error("gateway: {}", started.error().message);
    return 1;
  }
  events.Run();
  spdlog::info("gateway: stopped");
  return 0;
}

}  // namespace smhost
