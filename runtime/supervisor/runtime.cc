#include "supervisor/runtime.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "supervisor/process_ends.h"

namespace smhost {

Runtime::Runtime(Files& files, Premises premises, std::string program, std::string worker)
    : files_(files),
      premises_(std::move(premises)),
      program_(std::move(program)),
      worker_(std::move(worker)),
      supervisor_(static_cast<System&>(*this)) {}

void Runtime::Run() {
  loop_.OnSignals({SIGCHLD, SIGTERM, SIGINT, SIGHUP}, [this](int signal) { OnSignal(signal); });
  supervisor_.Start();
  loop_.Run();
  RemoveTraces();
}

void Runtime::OnSignal(int signal) {
  switch (signal) {
    case SIGCHLD: return Reap();
    case SIGHUP: return supervisor_.OnReplace();
    default: return supervisor_.OnStop();
  }
}

void Runtime::Reap() {
  int status = 0;
  pid_t pid;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    std::erase_if(children_, [&](const ChildRecord& child) { return child.process.pid == pid; });
    supervisor_.OnExit(pid, status);
  }
}

Result<pid_t> Runtime::Start(Role role) {
  switch (role) {
    case Role::kController: return StartController();
    case Role::kGateway: return StartGateway();
    case Role::kLauncher: return StartLauncher();
  }
  return Fail(Code::kInternal, "no such role");
}

Result<pid_t> Runtime::StartController() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return FailErrno("make a socket pair", "controller", errno);
  Descriptor ours(ends[0]), theirs(ends[1]);
  CloseControllerLink();
  SMHOST_TRY(pid_t pid, SpawnRecorded(Role::kController,
                                      {program_, "controller", "--home", premises_.home.root(), "--supervisor-fd", "3"},
                                      {{theirs.get(), 3}}));
  controller_link_ = std::move(ours);
  supervisor_.OnControllerLink();
  loop_.OnReadable(controller_link_.get(), [this] { ReadController(); });
  return pid;
}

Result<pid_t> Runtime::StartGateway() {
  return SpawnRecorded(Role::kGateway,
                       {program_, "gateway", "--home", premises_.home.root(), "--tcp-fd", "3", "--unix-fd", "4"},
                       {{premises_.tcp.get(), 3}, {premises_.local.get(), 4}});
}

Result<pid_t> Runtime::StartLauncher() {
  return SpawnRecorded(Role::kLauncher, {worker_, "launcher", "--home", premises_.home.root()}, {});
}

Result<pid_t> Runtime::SpawnRecorded(Role role, std::vector<std::string> arguments,
                                     std::vector<std::pair<int, int>> descriptors) {
  SpawnOptions options;
  options.arguments = std::move(arguments);
  options.descriptors = std::move(descriptors);
  options.log_path = premises_.home.ProcessLog(RoleName(role));
  options.new_session = true;  // Ctrl-C in a terminal is for us alone
  options.before_run = [this, role](pid_t pid) { Record(role, pid); };
  return Spawn(options);
}

void Runtime::Record(Role role, pid_t pid) {
  children_.push_back({RoleName(role), {pid, StartTimeOf(pid), BootId()}});
  // On a full disk the service goes on; only a supervisor after a killed one would not find this child.
  if (auto written = WriteChildren(files_, premises_.home.Children(), children_); !written)
    spdlog::warn("{}", written.error().message);
}

void Runtime::Signal(pid_t pid, int signal) { ::kill(pid, signal); }

MonotonicTime Runtime::Now() { return SystemClock().Monotonic(); }

std::uint64_t Runtime::Random() {
  std::uint64_t number = 0;
  RandomBytes(sizeof number).copy(reinterpret_cast<char*>(&number), sizeof number);
  return number;
}

void Runtime::ReadController() {
  char bytes[64];
  ssize_t n = ::read(controller_link_.get(), bytes, sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return CloseControllerLink();
  for (ssize_t i = 0; i < n; ++i) {
    if (bytes[i] == 'L') {
      supervisor_.OnLauncherWanted();
    } else {
      spdlog::warn("controller: sent a byte without meaning: {}", static_cast<int>(bytes[i]));
    }
  }
}

void Runtime::CloseControllerLink() {
  if (!controller_link_) return;
  loop_.Forget(controller_link_.get());
  controller_link_.Reset();
}

void Runtime::TellLauncherRuns() {
  if (controller_link_ && ::send(controller_link_.get(), "l", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
    spdlog::warn("controller: cannot be told that a launcher runs");
}

void Runtime::CloseListeners() {
  ::unlink(premises_.home.Socket().c_str());
  premises_.tcp.Reset();
  premises_.local.Reset();
}

std::vector<ProcessId> Runtime::Others() {
  auto others = OurChildren();
  for (const ProcessId& process : RecordedProcesses(files_, premises_.home)) {
    bool known = false;
    for (const ProcessId& other : others) known = known || other == process;
    if (!known) others.push_back(process);
  }
  return others;
}

void Runtime::SignalOther(const ProcessId& process, int signal) { SignalProcess(process, signal); }

void Runtime::RemoveTraces() {
  const Home& home = premises_.home;
  for (const std::string& path : {home.GatewaySocket(), home.LauncherSocket(), home.Children()}) ::unlink(path.c_str());
  // Empty content says to the next supervisor that nothing of us is left.
  if (auto cleared = premises_.lock.SetContent(""); !cleared) spdlog::warn("{}", cleared.error().message);
  spdlog::info("stopped");
}

}  // namespace smhost
