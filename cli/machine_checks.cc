#include "machine_checks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/limits.h"
#include "base/process.h"
#include "base/sockets.h"
#include "state/layout.h"
#include "state/runtime_info.h"
#include "text.h"

namespace smhost::cli {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kLittleSpace = 2048 * kMiB, kNoSpace = 64 * kMiB;  // a model unpacked, a document
constexpr std::uint64_t kLittleMemory = 1024 * kMiB;                       // libtorch, a model and a few instances
constexpr std::uint64_t kFewDescriptors = 4096;
constexpr int kWorkerAnswersWithinMs = 10'000;

std::string Size(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

std::string ExistingFolder(std::string path) {
  struct stat info {};
  while (path.size() > 1 && ::stat(path.c_str(), &info) != 0) path = FolderOf(path);
  return path.empty() ? "/" : path;
}

Finding CheckState(Context& context) {
  const std::string& root = context.home().root();
  Status usable = CheckHome(context.files(), context.home());
  if (!usable && usable.error().code != Code::kNotFound)
    return {"home", Health::kFault, usable.error().message, "name another state directory with --home or SMHOST_HOME"};
  std::string folder = ExistingFolder(root);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return {"home", Health::kFault, root + ": " + folder + " is not writable for you",
            "change its owner, or name another one with --home or SMHOST_HOME"};
  struct stat info {};
  if (folder == root && ::stat(root.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
    return {"home", Health::kWarning, root + " is open to other users", "chmod 700 " + ShellQuoted(root)};
  return {"home", Health::kOk, usable ? root + " is yours alone" : root + " does not exist yet and can be made", ""};
}

Finding CheckSpace(Context& context) {
  std::string folder = ExistingFolder(context.home().root());
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0)
    return {"disk", Health::kWarning, folder + ": cannot tell how much space is free", "look at df"};
  return JudgeSpace(folder, static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize,
                    info.f_files == 0 ? ~0ull : info.f_favail);
}

Finding CheckRuntime(Context& context) {
  auto info = RunningRuntime(context.home());
  if (!info) return {"runtime", Health::kOk, "none runs; apply and up start one", ""};
  auto pong = HttpOverUnix(context.home().Socket(), "GET", "/ping", {}, "", std::chrono::seconds(2));
  if (pong && pong->status == 200)
    return {"runtime", Health::kOk,
            "process " + std::to_string(info->pid) + " answers on port " + std::to_string(info->port), ""};
  return {"runtime", Health::kFault,
          "process " + std::to_string(info->pid) +
              " runs and does not answer: " + (pong ? "status " + std::to_string(pong->status) : pong.error().message),
          "read " + context.home().ProcessLog("gateway") + "; `smhost restart` replaces the gateway"};
}

Finding CheckPort(Context& context) {
  if (context.RuntimeRuns()) return {"port", Health::kOk, "the runtime has its port", ""};
  for (int port = limits::kDefaultPort; port < limits::kDefaultPort + limits::kDefaultPortsTried; ++port) {
    auto listener = ListenTcp("127.0.0.1", port, 1);
    if (!listener) continue;
    std::string text = "127.0.0.1:" + std::to_string(port) + " is free";
    return {"port", Health::kOk,
            port == limits::kDefaultPort ? text : text + "; " + std::to_string(limits::kDefaultPort) + " is taken", ""};
  }
  return {"port", Health::kFault, "no port from " + std::to_string(limits::kDefaultPort) + " on is free",
          "smhost up --port N with one that is, or 0 for any"};
}

Finding CheckDaemon() {
  std::string program = ProgramFolder() + "/smhostd";
  if (::access(program.c_str(), X_OK) == 0) return {"smhostd", Health::kOk, program, ""};
  return {"smhostd", Health::kFault, program + " is not there or cannot be run",
          "put smhostd into the folder of smhost; the build leaves both in build/bin"};
}

struct Ran {
  int status = 0;
  bool timed_out = false;
  std::string text;
};

// Runs a program to its end and takes what it prints.
Ran Run(const std::vector<std::string>& words, int timeout_ms) {
  Ran ran;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ran;
  Descriptor reader(ends[0]), writer(ends[1]);
  SpawnOptions options;
  options.arguments = words;
  options.descriptors = {{writer.get(), 1}, {writer.get(), 2}};
  auto pid = Spawn(options);
  writer.Reset();
  if (!pid) return ran;
  char buffer[4096];
  ssize_t n = 1;
  while (n > 0 && !ran.timed_out) {
    ran.timed_out = !WaitReadable(reader, timeout_ms);
    if (!ran.timed_out) n = ::read(reader.get(), buffer, sizeof buffer);
    if (!ran.timed_out && n > 0 && ran.text.size() < sizeof buffer)
      ran.text.append(buffer, static_cast<std::size_t>(n));
  }
  if (ran.timed_out) ::kill(*pid, SIGKILL);
  while (::waitpid(*pid, &ran.status, 0) < 0 && errno == EINTR) {
  }
  return ran;
}

Finding CheckWorker() {
  const char* other = std::getenv("SMHOST_WORKER");
  std::string program = other != nullptr && *other != '\0' ? other : ProgramFolder() + "/smhost-worker";
  if (::access(program.c_str(), X_OK) != 0)
    return {"worker", Health::kFault, program + " is not there or cannot be run: no model can be loaded",
            "build with -DSMHOST_TORCH=ON after scripts/setup, or name one in SMHOST_WORKER"};
  Ran ran = Run({program, "--help"}, kWorkerAnswersWithinMs);
  std::string line = ran.text.substr(0, ran.text.find('\n'));
  if (ran.timed_out)
    return {"worker", Health::kFault, program + " does not answer within 10 s",
            "run it by hand: " + program + " --help"};
  // The system's loader ends with 127 where a library is missing, before the program begins.
  if (!WIFEXITED(ran.status) || WEXITSTATUS(ran.status) != 0)
    return {"worker", Health::kFault, program + " " + DescribeExit(ran.status) + ": " + line,
            "libtorch cannot be loaded: run scripts/setup and build again"};
  return {"worker", Health::kOk, program + " starts, and so LibTorch can be loaded", ""};
}

std::uint64_t MemoryField(const char* name) {
  std::ifstream file("/proc/meminfo");
  std::string word;
  while (file >> word) {
    std::uint64_t kib = 0;
    if (word == name && file >> kib) return kib * 1024;
  }
  return 0;
}

std::uint64_t ControlGroupLimit() {
  std::ifstream file("/sys/fs/cgroup/memory.max");
  std::uint64_t bytes = 0;
  return file >> bytes ? bytes : ~0ull;
}

Finding CheckMemory() {
  std::uint64_t limit = ControlGroupLimit();
  return JudgeMemory(std::min(MemoryField("MemAvailable:"), limit), std::min(MemoryField("MemTotal:"), limit));
}

Finding CheckInotify(Context& context) {
  Descriptor fd(::inotify_init1(IN_CLOEXEC));
  if (!fd)
    return {"inotify", Health::kWarning, "no inotify instance is left: changes are found more slowly",
            "raise fs.inotify.max_user_instances with sysctl"};
  if (::inotify_add_watch(fd.get(), ExistingFolder(context.home().root()).c_str(), IN_CREATE) < 0)
    return {"inotify", Health::kWarning, "no inotify watch is left: changes are found more slowly",
            "raise fs.inotify.max_user_watches with sysctl"};
  return {"inotify", Health::kOk, "instances and watches are left", ""};
}

Finding CheckDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return JudgeDescriptors(limit.rlim_max);
}

Finding CheckProcesses() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NPROC, &limit);
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < 256)
    return {"processes", Health::kWarning, "you may have " + std::to_string(limit.rlim_max) + " processes and threads",
            "raise it: ulimit -u, or limits.conf(5)"};
  return {"processes", Health::kOk,
          limit.rlim_max == RLIM_INFINITY ? "no limit" : "limit " + std::to_string(limit.rlim_max), ""};
}

Finding CheckGpu() {
  if (::access("/dev/nvidia0", F_OK) != 0) return {"gpu", Health::kOk, "none; models run on the CPU", ""};
  for (const char* file : {"/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"})
    if (::access(file, R_OK | W_OK) != 0)
      return {"gpu", Health::kWarning, std::string(file) + " cannot be opened: models run on the CPU",
              "add yourself to the group that owns it, or load the driver (nvidia-modprobe -u)"};
  return {"gpu", Health::kOk, "/dev/nvidia0 can be opened", ""};
}

}  // namespace

Finding JudgeSpace(const std::string& path, std::uint64_t free_bytes, std::uint64_t free_files) {
  std::string text = Size(free_bytes) + " free at " + path;
  if (free_bytes < kNoSpace)
    return {"disk", Health::kFault, text + ": documents cannot be written safely",
            "free some space, or put the state elsewhere with --home"};
  if (free_files < 1000)
    return {"disk", Health::kFault, std::to_string(free_files) + " files can still be made at " + path,
            "remove files, or put the state elsewhere with --home"};
  if (free_bytes < kLittleSpace)
    return {"disk", Health::kWarning, text + ": little for models",
            "free some space, or put the state elsewhere with --home"};
  return {"disk", Health::kOk, text, ""};
}

Finding JudgeMemory(std::uint64_t available_bytes, std::uint64_t total_bytes) {
  std::string text = Size(available_bytes) + " of " + Size(total_bytes) + " available";
  if (available_bytes < kLittleMemory)
    return {"memory", Health::kWarning, text + ": little for libtorch and a model",
            "end other programs, or raise the container's limit"};
  return {"memory", Health::kOk, text, ""};
}

Finding JudgeDescriptors(std::uint64_t hard_limit) {
  std::string text = "a process may open " +
                     (hard_limit > 1'000'000'000 ? std::string("any number of") : std::to_string(hard_limit)) +
                     " files";
  if (hard_limit < kFewDescriptors)
    return {"files", Health::kWarning, text + ": fewer connections than smhost takes",
            "raise the hard limit: ulimit -Hn, or limits.conf(5)"};
  return {"files", Health::kOk, text, ""};
}

std::vector<Finding> CheckMachine(Context& context) {
  return {CheckState(context), CheckSpace(context),   CheckMemory(),      CheckDaemon(),
          CheckWorker(),       CheckRuntime(context), CheckPort(context), CheckDescriptors(),
          CheckProcesses(),    CheckInotify(context), CheckGpu()};
}

}  // namespace smhost::cli
