#include "worker/template.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "base/event_loop.h"
#include "base/failpoint.h"
#include "base/files.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/sockets.h"
#include "worker/background.h"
#include "worker/control_server.h"
#include "worker/instance.h"
#include "worker/output_pipe.h"
#include "worker/recorded_fork.h"

namespace smhost {
namespace {

constexpr int kExitFailed = 1;
constexpr int kInstanceBacklog = 64;
constexpr auto kLockWait = std::chrono::milliseconds(200);
constexpr auto kFailureShown = std::chrono::seconds(5);  // the report of a failed load waits so long to be fetched

struct LoadedModel {
  Settings settings;
  ModelFile file;
  std::unique_ptr<Model> model;
};

Result<LoadedModel> LoadModel(const TemplateOrder& order, Backend& backend) {
  auto files = MakeSystemFiles();
  LoadedModel loaded;
  SMHOST_TRY(loaded.settings, ReadSettings(*files, order.environment, order.model_folder));
  SMHOST_TRY(loaded.file, FindModelFile(*files, order.model_folder));
  for (const auto& key : loaded.settings.unknown)
    spdlog::warn("template {}: {} is not known and has no effect", order.id, key);
  Result<std::unique_ptr<Model>> model = Fail(Code::kInternal, "it was not loaded");
  RunInBackground([&] { model = backend.Load(order.model_folder, loaded.file, loaded.settings); });
  SMHOST_TRY(loaded.model, std::move(model));
  if (!HasOneThread())
    return Fail(Code::kUnsupported, loaded.file.name + ": loading it started " + std::to_string(ThreadCount() - 1) +
                                        " threads, so instances cannot be forked from it");
  return loaded;
}

class Template {
 public:
  Template(const Home& home, const TemplateOrder& order, Descriptor listener, LoadedModel loaded,
           const TemplateReport& report)
      : home_(home),
        order_(order),
        loaded_(std::move(loaded)),
        control_(loop_, std::move(listener), [this](int from, const std::string& text) { OnMessage(from, text); }) {
    control_.SetGreeting(Encode(report));
    loop_.OnSignals({SIGTERM, SIGINT, SIGCHLD}, [this](int number) {
      if (number == SIGCHLD) return Reap();
      loop_.Stop();
    });
    if (!report.ready) loop_.After(kFailureShown, [this] { End(kExitFailed); });
  }

  int Run() {
    loop_.Run();
    LeaveInBackground();
    return exit_code_;
  }

 private:
  struct Child {
    std::string id;
    std::unique_ptr<OutputPipe> output;
  };

  void End(int exit_code) {
    exit_code_ = exit_code;
    loop_.Stop();
  }

  void OnMessage(int from, const std::string& text) {
    std::string op;
    auto message = ParseMessage(text, op);
    auto order = message ? DecodeInstanceOrder(*message) : Result<InstanceOrder>(Fail(message.error()));
    if (!order) return spdlog::error("template {}: message refused: {}", order_.id, order.error().message);
    auto started = StartInstance(*order, *message);
    if (started) return control_.Send(from, Encode(Started{order->id, *started, ""}));
    spdlog::error("instance {} not started: {}", order->id, started.error().message);
    control_.Send(from, Encode(Started{order->id, std::nullopt, started.error().message}));
  }

  Result<ProcessId> StartInstance(const InstanceOrder& order, const Json& message) {
    if (!loaded_.model) return Fail(Code::kConflict, "its template " + order_.id + " has no model: loading failed");
    SMHOST_TRY(FileLock record, FileLock::Take(home_.InstanceRecord(order.id), kLockWait));
    SMHOST_TRY(Descriptor listener, ListenUnix(home_.InstanceSocket(order.id), SocketKind::kStream, kInstanceBacklog));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return FailErrno("make a pipe", "instance " + order.id, errno);
    Descriptor reading(ends[0]), writing(ends[1]);
    ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
    ForkPlan plan;
    plan.record = &record;
    plan.order = message;
    plan.keep = {listener.get(), reading.get()};
    plan.output = writing.get();
    plan.run = [&] {
      InstanceSetup setup{home_,          order, order_.digest, order_.model_folder, loaded_.settings,
                          *loaded_.model, self_, reading.get()};
      return RunInstance(setup, std::move(listener));
    };
    SMHOST_FAILPOINT_STATUS(template_forks);
    SMHOST_TRY(ProcessId process, ForkRecorded(plan));
    SMHOST_FAILPOINT(template_forked);
    auto output = std::make_unique<OutputPipe>(loop_, std::move(reading), order.log_path, clock_);
    output->Say("instance " + order.id + " starts, pid " + std::to_string(process.pid) + ", model " + order_.digest);
    children_[process.pid] = {order.id, std::move(output)};
    return process;
  }

  void Reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      auto it = children_.find(pid);
      if (it == children_.end()) continue;
      Child child = std::move(it->second);
      children_.erase(it);
      std::string reason = DescribeExit(status);
      child.output->Finish();
      child.output->Say("instance " + child.id + " " + reason);
      control_.SendToAll(Encode(Exited{child.id, reason}));
    }
  }

  const Home& home_;
  const TemplateOrder& order_;
  const SystemClock clock_;
  const ProcessId self_ = ThisProcess();
  EventLoop loop_;
  LoadedModel loaded_;
  ControlServer control_;
  std::map<pid_t, Child> children_;
  int exit_code_ = 0;
};

std::string ShortDigest(const std::string& digest) {
  auto colon = digest.find(':');
  return digest.substr(colon == std::string::npos ? 0 : colon + 1, 8);
}

// Large blocks, the weights above all, get mappings of their own: what instances touch then lies apart from them, and
// what loading needed in between goes back.
void KeepWeightsApart() {
  constexpr int kOwnMappingBytes = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kOwnMappingBytes);
}

}  // namespace

int RunTemplate(const Home& home, const TemplateOrder& order, Descriptor listener, Backend& backend) {
  StartLog("");
  SetProcessTitle("smhost-worker: template " + ShortDigest(order.digest) + " [" + home.root() + "]");
  for (const auto& [key, value] : order.environment) ::setenv(key.c_str(), value.c_str(), 1);
  KeepWeightsApart();
  SMHOST_FAILPOINT(template_loads);
  auto begin = std::chrono::steady_clock::now();
  auto loaded = LoadModel(order, backend);
  SMHOST_FAILPOINT(template_loaded);
  ::malloc_trim(0);
  TemplateReport report;
  report.id = order.id;
  report.ready = loaded.has_value();
  report.load_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  if (loaded) {
    report.model_file = loaded->file.name;
    spdlog::info("template {} loaded {} in {} ms", order.id, report.model_file, report.load_ms);
  } else {
    report.error = loaded.error().message;
    spdlog::error("template {} cannot load: {}", order.id, report.error);
    loaded = LoadedModel{};
  }
  return Template(home, order, std::move(listener), std::move(*loaded), report).Run();
}

}  // namespace smhost
