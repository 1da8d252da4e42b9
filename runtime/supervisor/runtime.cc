#include "supervisor/runtime.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/failpoint.h"
#include "base/heartbeat.h"
#include "base/log.h"
#include "base/random.h"
#include "state/restart_report.h"
#include "supervisor/process_ends.h"

namespace smhost {

namespace {

constexpr Duration kProbeLongest = std::chrono::seconds(10);

void KeepOverExec(int fd, bool keep) {
  if (fd >= 0) ::fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

}  // namespace

Runtime::Runtime(Files& files, Premises premises, std::string program, std::string worker, bool foreground)
    : files_(files),
      premises_(std::move(premises)),
      program_(std::move(program)),
      worker_(std::move(worker)),
      foreground_(foreground),
      supervisor_(static_cast<System&>(*this)) {}

void Runtime::Run() {
  loop_.OnSignals({SIGCHLD, SIGTERM, SIGINT, SIGHUP}, [this](int signal) { OnSignal(signal); });
  std::vector<Adoption> adopted;
  for (AdoptedProcess& process : premises_.adopted) {
    adopted.push_back(process.what);
    Adopt(process);
  }
  premises_.adopted.clear();
  controller_link_ = std::move(premises_.controller_link);
  if (controller_link_) loop_.OnReadable(controller_link_.get(), [this] { ReadController(); });
  LookAtBeats();
  if (premises_.after_restart) {
    supervisor_.StartAnew(adopted, premises_.launcher_wanted);
    SMHOST_FAILPOINT(restart_replaced);
    Reap();  // who ended while the program changed
    if (auto told = WriteRestartReport(files_, premises_.home, ""); !told) spdlog::warn("{}", told.error().message);
  } else {
    supervisor_.Start(adopted);
  }
  loop_.Run();
  RemoveTraces();
}

void Runtime::Adopt(AdoptedProcess& adopted) {
  pid_t pid = adopted.id.pid;
  children_.push_back({RoleName(adopted.what.role), adopted.id});
  Kept& kept = kept_.emplace(pid, Kept{Watchdog(Now()), {}, {}}).first->second;
  kept.beat = std::move(adopted.beat);
  kept.process = std::move(adopted.process);
  if (!kept.process) return;  // our child: SIGCHLD tells
  loop_.OnReadable(kept.process.get(), [this, pid, fd = kept.process.get()] {
    loop_.Forget(fd);
    Ended(pid, kUnknownEnd);
  });
}

// --- who stands still

void Runtime::LookAtBeats() {
  for (auto& [pid, kept] : kept_) {
    if (!kept.beat || kept.watchdog.Look(Now(), TakeBeats(kept.beat))) continue;
    spdlog::error("pid {} lives but its loop has stood still for 10 s: killed", pid);
    Signal(pid, SIGKILL);
  }
  loop_.After(Watchdog::kLookEvery, [this] { LookAtBeats(); });
}

void Runtime::OnSignal(int signal) {
  switch (signal) {
    case SIGCHLD: return Reap();
    case SIGHUP: return ProbeProgram();
    default: return supervisor_.OnStop();
  }
}

void Runtime::Reap() {
  int status = 0;
  pid_t pid;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == probe_) OnProbed(status);
    else Ended(pid, status);
  }
}

void Runtime::Ended(pid_t pid, int wait_status) {
  std::erase_if(children_, [&](const ChildRecord& child) { return child.process.pid == pid; });
  kept_.erase(pid);
  supervisor_.OnExit(pid, wait_status);
}

// --- restart: our own program first, which then replaces the others'

// A file that cannot be run shows here, while nothing has changed.
void Runtime::ProbeProgram() {
  if (supervisor_.stopping() || probe_ != 0) return;
  spdlog::info("restart: asked for");
  if (supervisor_.launcher_wanted() && ::access(worker_.c_str(), X_OK) != 0)
    return StayAsWeAre(worker_ + ": cannot be run: " + std::strerror(errno));
  Descriptor nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  SpawnOptions options;
  options.arguments = {program_, "--version"};
  options.descriptors = {{nothing.get(), 1}};
  auto probe = Spawn(options);
  if (!probe) return StayAsWeAre(probe.error().message);
  probe_ = *probe;
  loop_.After(kProbeLongest, [this, probe = *probe] {
    if (probe_ == probe) ::kill(probe, SIGKILL);
  });
}

void Runtime::OnProbed(int wait_status) {
  probe_ = 0;
  if (supervisor_.stopping()) return;
  if (wait_status != 0) return StayAsWeAre(program_ + " --version " + DescribeExit(wait_status));
  RunAnew();
}

Inheritance Runtime::WhatIsLeft() const {
  Inheritance left{premises_.home.root(), premises_.address, worker_, foreground_, supervisor_.launcher_wanted(),
                   premises_.lock.fd(),   premises_.tcp.get(), premises_.local.get(), controller_link_.get(), {}};
  for (const Adoption& what : supervisor_.Processes()) {
    InheritedChild child{what, {what.pid, StartTimeOf(what.pid), BootId()}, -1, -1};
    if (auto kept = kept_.find(what.pid); kept != kept_.end()) {
      child.process = kept->second.process.get();
      child.beat = kept->second.beat.get();
    }
    left.children.push_back(child);
  }
  return left;
}

void Runtime::RunAnew() {
  SMHOST_FAILPOINT(restart_probed);
  Inheritance left = WhatIsLeft();
  auto written = LeaveInheritance(left);
  if (!written) return StayAsWeAre(written.error().message);
  std::vector<int> kept{written->get(), left.lock, left.tcp, left.local, left.controller_link};
  for (const InheritedChild& child : left.children) {
    kept.push_back(child.process);
    kept.push_back(child.beat);
  }
  constexpr unsigned kCloseOnExec = 1u << 2;  // CLOSE_RANGE_CLOEXEC: a library may have opened one without it
  ::syscall(SYS_close_range, 3, ~0u, kCloseOnExec);
  for (int fd : kept) KeepOverExec(fd, true);
  std::string number = std::to_string(written->get());
  std::vector<const char*> words{program_.c_str(), "up", "--inherit", number.c_str(), nullptr};
  spdlog::info("restart: {} is run anew", program_);
  ::execv(program_.c_str(), const_cast<char**>(words.data()));
  int error_number = errno;
  for (int fd : kept) KeepOverExec(fd, false);
  StayAsWeAre(program_ + ": cannot be run: " + std::strerror(error_number));
}

void Runtime::StayAsWeAre(const std::string& why) {
  spdlog::error("restart: not done, everything stays as it was: {}", why);
  if (auto told = WriteRestartReport(files_, premises_.home, why); !told) spdlog::warn("{}", told.error().message);
}

Result<pid_t> Runtime::Start(Role role) {
  switch (role) {
    case Role::kController: return StartController();
    case Role::kGateway: return StartGateway();
    case Role::kLauncher: return StartLauncher();
    case Role::kApi: return StartApi();
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
                                      {program_, "controller", "--home", premises_.home.root(), "--supervisor-fd", "3",
                                       "--beat-fd", "4"},
                                      {{theirs.get(), 3}}));
  controller_link_ = std::move(ours);
  supervisor_.OnControllerLink();
  loop_.OnReadable(controller_link_.get(), [this] { ReadController(); });
  return pid;
}

Result<pid_t> Runtime::StartGateway() {
  return SpawnRecorded(
      Role::kGateway,
      {program_, "gateway", "--home", premises_.home.root(), "--tcp-fd", "3", "--unix-fd", "4", "--beat-fd", "5"},
      {{premises_.tcp.get(), 3}, {premises_.local.get(), 4}});
}

Result<pid_t> Runtime::StartLauncher() {
  return SpawnRecorded(Role::kLauncher, {worker_, "launcher", "--home", premises_.home.root(), "--beat-fd", "3"}, {});
}

Result<pid_t> Runtime::StartApi() {
  return SpawnRecorded(Role::kApi, {program_, "api", "--home", premises_.home.root(), "--beat-fd", "3"}, {});
}

// Its heartbeat becomes the descriptor after the others.
Result<pid_t> Runtime::SpawnRecorded(Role role, std::vector<std::string> arguments,
                                     std::vector<std::pair<int, int>> descriptors) {
  SMHOST_TRY(Descriptor beat, MakeHeartbeat());
  descriptors.emplace_back(beat.get(), 3 + static_cast<int>(descriptors.size()));
  SpawnOptions options;
  options.arguments = std::move(arguments);
  options.descriptors = std::move(descriptors);
  options.log_path = premises_.home.ProcessLog(RoleName(role));
  options.new_session = true;  // Ctrl-C in a terminal is for us alone
  options.before_run = [this, role](pid_t pid) { Record(role, pid); };
  SMHOST_TRY(pid_t pid, Spawn(options));
  SMHOST_FAILPOINT(child_started);
  kept_.insert_or_assign(pid, Kept{Watchdog(Now()), std::move(beat), {}});
  return pid;
}

void Runtime::Record(Role role, pid_t pid) {
  SMHOST_FAILPOINT(child_forked);
  children_.push_back({RoleName(role), {pid, StartTimeOf(pid), BootId()}});
  // On a full disk the service goes on; only a supervisor after a killed one would not find this child.
  if (auto written = WriteChildren(files_, premises_.home.Children(), children_); !written)
    spdlog::warn("{}", written.error().message);
  SMHOST_FAILPOINT(child_recorded);
}

void Runtime::Signal(pid_t pid, int signal) {
  auto kept = kept_.find(pid);
  if (kept != kept_.end() && kept->second.process) (void)SendSignal(kept->second.process, signal);
  else ::kill(pid, signal);  // our child, not reaped: the number is its
}

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
  for (const std::string& path : {home.GatewaySocket(), home.ListenersSocket(), home.LauncherSocket(), home.Children(),
                                  home.RestartReport()}) ::unlink(path.c_str());
  // Empty content says to the next supervisor that nothing of us is left.
  if (auto cleared = premises_.lock.SetContent(""); !cleared) spdlog::warn("{}", cleared.error().message);
  spdlog::info("stopped");
}

}  // namespace smhost
