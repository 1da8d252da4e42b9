#include "runtime_control.h"

#include <sys/wait.h>
#include <time.h>

#include <cerrno>

#include "base/process.h"

namespace smhost::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kComesUpWithin{20'000};
constexpr milliseconds kLookAgain{2};
constexpr int kRunsAlready = 100;  // smhostd up: another runtime got the home first; that one will do

Error DidNotStart(Context& context, const std::string& why) {
  return {
      Code::kUnavailable,
      "the runtime of " + context.home().root() + " did not start: " + why + "; `smhost doctor` looks for the cause",
      ""};
}

Status RunDaemon(Context& context, std::optional<int> port, const std::string& address) {
  SpawnOptions options;
  options.arguments = {ProgramFolder() + "/smhostd", "up", "--home", context.home().root()};
  if (port) {
    options.arguments.push_back("--port");
    options.arguments.push_back(std::to_string(*port));
  }
  if (!address.empty()) options.arguments.insert(options.arguments.end(), {"--listen", address});
  if (!context.files().Exists(options.arguments[0]))
    return Fail(DidNotStart(context, options.arguments[0] + " is not there; it belongs beside smhost"));
  SMHOST_TRY(pid_t pid, Spawn(options));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kRunsAlready)) return {};
  return Fail(DidNotStart(context, "smhostd " + DescribeExit(status)));
}

void Pause(milliseconds span) {
  timespec time{0, static_cast<long>(span.count()) * 1'000'000};
  ::nanosleep(&time, nullptr);
}

}  // namespace

Status AwaitAnswer(Context& context) {
  auto end = context.clock().Monotonic() + kComesUpWithin;
  for (;;) {
    auto left = std::chrono::ceil<milliseconds>(end - context.clock().Monotonic());
    // The supervisor listens before its gateway runs, so this waits in the queue instead of failing.
    auto answer = HttpOverUnix(context.home().Socket(), "GET", "/ping", {}, "", std::max(left, milliseconds(1)));
    if (answer && answer->status == 200) return {};
    if (!answer && answer.error().code != Code::kNotFound && answer.error().code != Code::kUnavailable)
      return Fail(answer.error());
    if (!context.RuntimeRuns()) return Fail(context.NoRuntime());
    if (left.count() <= 0)
      return Fail(Code::kTimedOut,
                  "the runtime of " + context.home().root() + " runs but its gateway does not answer; see " +
                      context.home().ProcessLog("gateway"),
                  kRuntimeResource);
    Pause(kLookAgain);
  }
}

Result<bool> EnsureRuntime(Context& context, std::optional<int> port, const std::string& address) {
  bool started = false;
  if (!context.RuntimeRuns()) {
    SMHOST_TRY_STATUS(RunDaemon(context, port, address));
    started = true;
  }
  SMHOST_TRY_STATUS(AwaitAnswer(context));
  return started;
}

std::string UrlOf(const RuntimeInfo& info, bool https) {
  // A runtime that listens everywhere is reached here, too; an IPv6 address stands in brackets.
  std::string address = info.address == "0.0.0.0" ? "127.0.0.1" : info.address == "::" ? "::1" : info.address;
  if (address.find(':') != std::string::npos) address = "[" + address + "]";
  return (https || !IsLoopbackAddress(info.address) ? "https://" : "http://") + address + ":" + std::to_string(info.port);
}

Result<std::string> RuntimeUrl(Context& context, bool https) {
  auto info = RunningRuntime(context.home());
  if (!info || info->port == 0) return Fail(context.NoRuntime());
  return UrlOf(*info, https);
}

}  // namespace smhost::cli
