#include "worker/launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "base/event_loop.h"
#include "base/failpoint.h"
#include "base/files.h"
#include "base/heartbeat.h"
#include "base/lock.h"
#include "base/log.h"
#include "wire/control.h"
#include "worker/control_server.h"
#include "worker/recorded_fork.h"
#include "worker/template.h"

namespace smhost {
namespace {

constexpr int kLauncherFailed = 1;
constexpr int kControlBacklog = 64;
constexpr auto kLockWait = std::chrono::milliseconds(200);
constexpr auto kLauncherLockWait = std::chrono::seconds(2);  // its predecessor may still be ending

class Launcher {
 public:
  Launcher(const Home& home, Backend& backend, Descriptor listener, int beat_fd)
      : home_(home),
        backend_(backend),
        control_(loop_, std::move(listener), [this](int from, const std::string& text) { OnMessage(from, text); }) {
    loop_.OnSignals({SIGTERM, SIGINT, SIGCHLD}, [this](int number) {
      if (number == SIGCHLD) return Reap();
      spdlog::info("launcher ends on signal {}", number);
      loop_.Stop();
    });
    KeepBeating(loop_, beat_fd);
  }
  void Run() { loop_.Run(); }

 private:
  void OnMessage(int from, const std::string& text) {
    std::string op;
    auto message = ParseMessage(text, op);
    auto order = message ? DecodeTemplateOrder(*message) : Result<TemplateOrder>(Fail(message.error()));
    if (!order) return spdlog::error("launcher: message refused: {}", order.error().message);
    auto started = StartTemplate(*order, *message);
    if (started) {
      names_[started->pid] = order->id;
      spdlog::info("template {} started, pid {}", order->id, started->pid);
      return control_.Send(from, Encode(Started{order->id, *started, ""}));
    }
    spdlog::error("template {} not started: {}", order->id, started.error().message);
    control_.Send(from, Encode(Started{order->id, std::nullopt, started.error().message}));
  }

  Result<ProcessId> StartTemplate(const TemplateOrder& order, const Json& message) {
    SMHOST_TRY(FileLock record, FileLock::Take(home_.TemplateRecord(order.id), kLockWait));
    SMHOST_TRY(Descriptor listener, ListenUnix(home_.TemplateSocket(order.id), SocketKind::kPacket, kControlBacklog));
    ForkPlan plan;
    plan.record = &record;
    plan.order = message;
    plan.keep = {listener.get()};
    plan.run = [&] { return RunTemplate(home_, order, std::move(listener), backend_); };
    SMHOST_FAILPOINT_STATUS(launcher_forks);
    SMHOST_TRY(ProcessId process, ForkRecorded(plan));
    SMHOST_FAILPOINT(launcher_forked);
    return process;
  }

  void Reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      auto it = names_.find(pid);
      if (it == names_.end()) continue;
      spdlog::info("template {} {}", it->second, DescribeExit(status));
      names_.erase(it);
    }
  }

  const Home& home_;
  Backend& backend_;
  EventLoop loop_;
  ControlServer control_;
  std::map<pid_t, std::string> names_;
};

// What libraries print goes where our own lines go. Templates inherit it.
void SendOutputTo(const std::string& log_path) {
  if (log_path.empty()) return;
  Descriptor fd(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd) return;
  ::dup2(fd.get(), 1);
  ::dup2(fd.get(), 2);
}

Status MakeRunFolders(const Home& home) {
  auto files = MakeSystemFiles();
  SMHOST_TRY_STATUS(files->MakeFolders(home.Run() + "/templates", 0700));
  return files->MakeFolders(home.Run() + "/instances", 0700);
}

Result<Descriptor> Listen(const Home& home, FileLock& record) {
  SMHOST_TRY_STATUS(record.SetContent(EncodeRecord({ThisProcess(), Json::object()})));
  return ListenUnix(home.LauncherSocket(), SocketKind::kPacket, kControlBacklog);
}

int Failed(const Error& error) {
  spdlog::critical("launcher cannot start: {}", error.message);
  return kLauncherFailed;
}

}  // namespace

int RunLauncher(const Home& home, const std::string& log_path, int beat_fd, Backend& backend) {
  StartLog(log_path);
  SendOutputTo(log_path);
  SetProcessTitle("smhost-worker: launcher [" + home.root() + "]");
  ::signal(SIGPIPE, SIG_IGN);
  if (auto made = MakeRunFolders(home); !made) return Failed(made.error());
  auto record = FileLock::Take(home.Run() + "/launcher.json", kLauncherLockWait);
  if (!record) return Failed(record.error());
  auto listener = Listen(home, *record);
  if (!listener) return Failed(listener.error());
  // After the socket stands: orders may wait in it meanwhile.
  backend.Prepare();
  spdlog::info("launcher ready, pid {}, {} thread(s)", ::getpid(), ThreadCount());
  Launcher(home, backend, std::move(*listener), beat_fd).Run();
  return 0;
}

}  // namespace smhost
