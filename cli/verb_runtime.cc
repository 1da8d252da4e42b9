// up, down and restart.
#include <signal.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/process.h"
#include "base/sockets.h"
#include "context.h"
#include "follow.h"
#include "process_list.h"
#include "runtime_control.h"
#include "state/restart_report.h"
#include "state/runtime_info.h"
#include "text.h"
#include "time_text.h"
#include "verbs.h"
#include "watch.h"

namespace smhost::cli {
namespace {

using std::chrono::milliseconds;

// Each phase of a stop may take limits::kStopGrace; four of them come after each other.
constexpr milliseconds kStopWait = std::chrono::seconds(150);
constexpr milliseconds kRestartWait = std::chrono::seconds(60);

struct UpOptions {
  std::optional<int> port;
  std::string address;
  bool wait = false;
  std::optional<milliseconds> timeout;
};

struct DownOptions {
  std::optional<milliseconds> timeout;
};

Status CheckPort(Context& context, std::optional<int> port) {
  auto info = RunningRuntime(context.home());
  if (!port || *port == 0 || !info || info->port == 0 || info->port == *port) return {};
  return Fail(Code::kConflict, "the runtime in " + context.home().root() + " already runs on port " +
                                   std::to_string(info->port) + ", not " + std::to_string(*port) +
                                   "; `smhost down` ends it first");
}

Status CheckAddress(Context& context, const std::string& address) {
  auto info = RunningRuntime(context.home());
  if (address.empty() || !info || info->port == 0 || info->address == address) return {};
  return Fail(Code::kConflict, "the runtime in " + context.home().root() + " already listens on " + info->address +
                                   ", not " + address + "; `smhost down` ends it first");
}

VerbResult AwaitAllEndpoints(Context& context, milliseconds timeout) {
  SMHOST_TRY(Listing listing, context.store().List(context.account(), Kind::kEndpoint));
  FollowOrder order{{}, JudgeApplied, "InService", timeout, std::nullopt};
  for (const Resource& endpoint : listing.resources) order.endpoints.push_back(endpoint.name);
  return order.endpoints.empty() ? VerbResult(Exit::kDone) : Follow(context, order);
}

VerbResult Up(Context& context, const UpOptions& options) {
  if (options.port && *options.port > 65535) return FailUsage("--port wants a number up to 65535");
  SMHOST_TRY_STATUS(CheckPort(context, options.port));
  SMHOST_TRY_STATUS(CheckAddress(context, options.address));
  SMHOST_TRY(bool started, EnsureRuntime(context, options.port, options.address));
  context.out().Note(std::string(started ? "runtime started in " : "a runtime already runs in ") +
                     context.home().root());
  SMHOST_TRY(std::string url, RuntimeUrl(context));
  SMHOST_TRY_STATUS(context.out().Show({{"Url", url}, {"Started", started}, {"Home", context.home().root()}}, {url},
                                       [&] { return url + "\n"; }));
  context.out().Flush();
  return options.wait ? AwaitAllEndpoints(context, options.timeout.value_or(kDefaultWait)) : VerbResult(Exit::kDone);
}

Result<Descriptor> OpenSupervisor(const RuntimeInfo& info) {
  return OpenProcess({info.pid, info.start_time, BootId()});
}

VerbResult Down(Context& context, const DownOptions& options) {
  auto info = RunningRuntime(context.home());
  if (!info || info->pid == 0) {
    context.out().Note("no runtime runs in " + context.home().root());
    return Exit::kDone;
  }
  milliseconds timeout = options.timeout.value_or(kStopWait);
  auto supervisor = OpenSupervisor(*info);
  if (supervisor) {
    SMHOST_TRY_STATUS(SendSignal(*supervisor, SIGTERM));
    if (!WaitReadable(*supervisor, 500)) context.out().Progress("runtime draining; its requests are answered first");
    if (!WaitReadable(*supervisor, static_cast<int>(std::min<long long>(timeout.count(), 1'000'000'000))))
      return FailWith(Exit::kTimedOut, Code::kTimedOut,
                      "the runtime in " + context.home().root() + " is still draining after " +
                          FormatSpan(std::chrono::duration_cast<std::chrono::seconds>(timeout)) +
                          "; a second `smhost down` ends it at once");
  } else if (supervisor.error().code != Code::kNotFound) {
    return tl::unexpected<Failure>(Failure(supervisor.error()));
  }
  context.out().EndProgress();
  context.out().Note("runtime stopped in " + context.home().root());
  return Exit::kDone;
}

std::vector<pid_t> PidsOf(Context& context, const std::string& role) {
  std::vector<pid_t> pids;
  for (const RuntimeProcess& process : ProcessesOf(context.files(), context.home()))
    if (process.role == role) pids.push_back(process.pid);
  return pids;
}

// What always runs, beside the supervisor.
std::map<std::string, std::vector<pid_t>> PidsToRenew(Context& context) {
  std::map<std::string, std::vector<pid_t>> pids;
  for (const char* role : {"gateway", "controller", "api"}) pids[role] = PidsOf(context, role);
  return pids;
}

// Those that were there before are gone and others are there.
bool IsRenewed(Context& context, const std::map<std::string, std::vector<pid_t>>& before) {
  return std::all_of(before.begin(), before.end(), [&](const auto& entry) {
    auto now = PidsOf(context, entry.first);
    return !now.empty() && std::none_of(now.begin(), now.end(), [&](pid_t pid) {
      return std::find(entry.second.begin(), entry.second.end(), pid) != entry.second.end();
    });
  });
}

VerbResult Restart(Context& context) {
  auto info = RunningRuntime(context.home());
  if (!info || info->pid == 0) return Up(context, {});
  const auto pids_before = PidsToRenew(context);
  const auto before = ReadRestartReport(context.files(), context.home()).number;
  SMHOST_TRY(Descriptor supervisor, OpenSupervisor(*info));
  FolderWatch watch;
  watch.Add(context.home().Run());
  SMHOST_TRY_STATUS(SendSignal(supervisor, SIGHUP));
  auto end = context.clock().Monotonic() + kRestartWait;
  for (;;) {
    auto report = ReadRestartReport(context.files(), context.home());
    if (report.number != before && !report.error.empty())
      return tl::unexpected<Failure>(Failure({Code::kUnavailable, "nothing was restarted: " + report.error +
                                                                      "; put the program right and try again",
                                              kRuntimeResource}));
    if (report.number != before && IsRenewed(context, pids_before)) break;
    if (!context.RuntimeRuns()) return tl::unexpected<Failure>(Failure(context.NoRuntime()));
    if (context.clock().Monotonic() > end)
      return FailWith(Exit::kTimedOut, Code::kTimedOut,
                      "the runtime's programs have not all been replaced after 60s; see " +
                          context.home().ProcessLog("supervisor"));
    watch.Wait(milliseconds(50));
  }
  SMHOST_TRY_STATUS(AwaitAnswer(context));
  context.out().Note("runtime restarted in " + context.home().root());
  SMHOST_TRY(std::string url, RuntimeUrl(context));
  SMHOST_TRY_STATUS(
      context.out().Show({{"Url", url}, {"Home", context.home().root()}}, {url}, [&] { return url + "\n"; }));
  return Exit::kDone;
}

}  // namespace

Command UpCommand() {
  auto options = std::make_shared<UpOptions>();
  Command command;
  command.name = "up";
  command.group = "Runtime";
  command.summary = "start the runtime, if none runs";
  command.description =
      "Starts the runtime of the state directory in the background and returns when requests would be answered; prints "
      "its "
      "URL. Does nothing where one runs already.";
  command.example = "smhost up\nsmhost up --port 9000 --wait";
  command.options = {
      {"--port", "N", "exactly this TCP port, 0 for any free one; default 8790, else the next free one",
       &options->port},
      {"--listen", "ADDRESS",
       "the numeric address to listen on, 0.0.0.0 or :: for all; default 127.0.0.1. Other machines are answered over "
       "HTTPS alone",
       &options->address},
      {"-w,--wait", "", "also wait until all endpoints are in service, or one has failed (exit code 5)",
       &options->wait},
      {"--timeout", "SPAN", "how long --wait waits at most; default 120s", &options->timeout},
  };
  command.run = [options](Context& context) { return Up(context, *options); };
  return command;
}

Command DownCommand() {
  auto options = std::make_shared<DownOptions>();
  Command command;
  command.name = "down";
  command.group = "Runtime";
  command.summary = "drain and stop the runtime";
  command.description =
      "Answers the requests that are under way, then ends every process of the runtime. A second down meanwhile ends "
      "it at "
      "once. The state stays: the next up brings the endpoints back.";
  command.example = "smhost down";
  command.options = {
      {"--timeout", "SPAN", "how long to wait for its end; default 150s, then exit code 6", &options->timeout}};
  command.run = [options](Context& context) { return Down(context, *options); };
  return command;
}

Command RestartCommand() {
  Command command;
  command.name = "restart";
  command.group = "Runtime";
  command.summary = "replace the runtime's programs without refusing a connection";
  command.description =
      "Brings supervisor, gateway, controller and launcher to the program files that are there now, such as after an "
      "update of smhost. The listening sockets stay open, requests under way are answered, the instances go on "
      "serving. Where the new files cannot be run everything stays as it was. Starts a runtime where none runs.";
  command.example = "smhost restart";
  command.run = Restart;
  return command;
}

}  // namespace smhost::cli
