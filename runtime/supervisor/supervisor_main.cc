#include "supervisor/supervisor_main.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "supervisor/daemon.h"
#include "supervisor/inheritance.h"
#include "supervisor/options.h"
#include "supervisor/runtime.h"
#include "supervisor/startup.h"

namespace smhost {
namespace {

int Complain(const std::string& message, int status) {
  std::fprintf(stderr, "smhostd: %s\n", message.c_str());
  return status;
}

// Before the folder changes: both may be relative. A program that is not there shows in the launcher's log.
std::string WorkerProgram() {
  const char* other = std::getenv("SMHOST_WORKER");
  if (other == nullptr || *other == '\0') return ProgramFolder() + "/smhost-worker";
  std::unique_ptr<char, void (*)(void*)> whole(::realpath(other, nullptr), std::free);
  return whole ? whole.get() : other;
}

// Children inherit it; the gateway needs one descriptor a connection.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  rlim_t wanted = std::min<rlim_t>(limit.rlim_max, limits::kDescriptors);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Those that Runtime's loop takes: what comes before it runs waits for it.
void HoldSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

void SetProcessUp() {
  ::umask(077);
  // libgomp reads it when the launcher loads it. Waiting threads that spin make one call 100 times slower as soon as
  // another program or instance wants the processors: a machine that somebody works on is never idle.
  ::setenv("OMP_WAIT_POLICY", "passive", 0);
  // c10/core/impl/alloc_cpu.cpp: tensors of 2 MB and more ask for huge pages. Calls that stream weights are some 5 % faster, and
  // a fork or an end has hundreds of times fewer pages to go through.
  ::setenv("THP_MEM_ALLOC_ENABLE", "1", 0);
  HoldSignals();
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  RaiseDescriptorLimit();
}

// After our program was run anew: signals are still held, the children are still ours. What fails here ends this
// supervisor; gateway and instances serve on, and the next `up` takes them over.
int GoOn(int inherit, const std::string& version) {
  SetProcessUp();
  Inheritance inheritance;
  auto premises = TakeInheritance(inherit, inheritance);
  if (!premises) return Complain(premises.error().message, kExitFailed);
  SMHOST_FAILPOINT(restart_inherited);
  StartLog(inheritance.foreground ? "" : premises->home.ProcessLog("supervisor"));
  SetProcessTitle("smhostd: supervisor [" + premises->home.root() + "]");
  if (auto written = SayWhoWeAre(*premises, version); !written) spdlog::warn("{}", written.error().message);
  spdlog::info("smhostd {} goes on with {} on {}:{}", version, premises->home.root(), premises->address,
               premises->port);
  auto files = MakeSystemFiles();
  Runtime runtime(*files, std::move(*premises), ProgramFolder() + "/smhostd", inheritance.worker,
                  inheritance.foreground);
  runtime.Run();
  return 0;
}

}  // namespace

int SupervisorMain(const std::vector<std::string>& words, const std::string& version) {
  auto options = ParseUpOptions(words);
  if (!options) return Complain(options.error().message, kExitUsage);
  if (options->inherit >= 0) return GoOn(options->inherit, version);
  std::optional<Daemon> daemon;
  if (!options->foreground) {
    auto begun = Daemon::Begin();
    if (!begun) return Complain(begun.error().message, kExitFailed);
    daemon = std::move(*begun);
  }
  SetProcessUp();
  const std::string worker = WorkerProgram();
  auto files = MakeSystemFiles();
  auto premises = PreparePremises(*files, *options, version);
  if (!premises) {
    Complain(premises.error().message, premises.error().exit_code);
    if (daemon) daemon->Failed(premises.error().exit_code);
    return premises.error().exit_code;
  }
  SetProcessTitle("smhostd: supervisor [" + premises->home.root() + "]");
  spdlog::info("smhostd {} serves {} on {}:{}", version, premises->home.root(), premises->address, premises->port);
  if (daemon) daemon->Ready(premises->home.ProcessLog("supervisor"));
  Runtime runtime(*files, std::move(*premises), ProgramFolder() + "/smhostd", worker, options->foreground);
  runtime.Run();
  return 0;
}

}  // namespace smhost
