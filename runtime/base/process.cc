#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

extern char** environ;

namespace smhost {
namespace {

// The room that argv and the environment had: a longer title is cut.
char* title_start = nullptr;
std::size_t title_room = 0;

void MoveDescriptors(const std::vector<std::pair<int, int>>& wanted) {
  // First out of the way of every target number, then to the targets.
  int beyond = 3;
  for (auto [ours, theirs] : wanted) beyond = std::max(beyond, theirs + 1);
  std::vector<int> moved;
  for (auto [ours, theirs] : wanted) moved.push_back(::fcntl(ours, F_DUPFD, beyond));
  for (std::size_t i = 0; i < wanted.size(); ++i) ::dup2(moved[i], wanted[i].second);
}

// The child's end of `gate` gives a byte once the parent has written it down, or its end if the parent died.
void WaitForParent(const Descriptor& gate) {
  char byte;
  ssize_t n;
  do n = ::read(gate.get(), &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) ::_exit(126);
}

[[noreturn]] void ExecChild(const SpawnOptions& options, char** arguments) {
  if (options.new_session) ::setsid();
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int null_fd = ::open("/dev/null", O_RDWR);
  ::dup2(null_fd, 0);
  if (!options.log_path.empty()) {
    int log = ::open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0) log = null_fd;
    ::dup2(log, 1);
    ::dup2(log, 2);
  }
  MoveDescriptors(options.descriptors);
  unsigned highest = 2;
  for (auto [ours, theirs] : options.descriptors) highest = std::max(highest, static_cast<unsigned>(theirs));
  ::syscall(SYS_close_range, highest + 1, ~0u, 0);
  if (options.nice != 0) {
    if (::nice(options.nice) == -1) errno = 0;
    constexpr int kIoprioWhoProcess = 1, kIoprioClassIdle = 3;  // linux/ioprio.h
    if (options.nice >= 10) ::syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioClassIdle << 13);
  }
  ::execv(arguments[0], arguments);
  std::fprintf(stderr, "smhost: cannot run %s: %s\n", arguments[0], std::strerror(errno));
  ::_exit(127);
}

}  // namespace

std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::uint64_t StartTimeOf(pid_t pid) {
  auto words = StatOf(pid);
  constexpr std::size_t kStartTime = 22 - 3;
  return words.size() > kStartTime ? std::strtoull(words[kStartTime].c_str(), nullptr, 10) : 0;
}

// By read(2): between open and read the process may end (ESRCH), which a stream's buffer would throw.
std::vector<std::string> StatOf(pid_t pid) {
  Descriptor file(::open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char room[2048];
  ssize_t count = file ? ::read(file.get(), room, sizeof room) : -1;
  if (count <= 0) return {};
  std::string text(room, static_cast<std::size_t>(count));
  auto paren = text.rfind(')');  // the program's name may hold blanks and parentheses
  if (paren == std::string::npos) return {};
  std::istringstream rest(text.substr(paren + 1));
  std::vector<std::string> words;
  for (std::string word; rest >> word;) words.push_back(std::move(word));
  return words;
}

ProcessId ThisProcess() { return {::getpid(), StartTimeOf(::getpid()), BootId()}; }

Result<Descriptor> OpenProcess(const ProcessId& id) {
  auto gone = [&] { return Fail(Code::kNotFound, "process " + std::to_string(id.pid) + " is gone"); };
  if (id.pid <= 0 || id.boot_id != BootId()) return gone();
  Descriptor fd(static_cast<int>(::syscall(SYS_pidfd_open, id.pid, 0)));
  if (!fd) return gone();
  // Looked at after the pidfd was taken: now the number cannot pass to another process any more.
  if (StartTimeOf(id.pid) != id.start_time) return gone();
  return fd;
}

Status SendSignal(const Descriptor& pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) != 0)
    return FailErrno("send a signal", "process", errno);
  return {};
}

Result<pid_t> Spawn(const SpawnOptions& options) {
  std::vector<char*> arguments;
  for (const auto& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  int ends[2] = {-1, -1};
  if (options.before_run && ::pipe2(ends, O_CLOEXEC) != 0) return FailErrno("make a pipe", options.arguments[0], errno);
  Descriptor gate(ends[0]), key(ends[1]);
  pid_t pid = ::fork();
  if (pid < 0) return FailErrno("fork", options.arguments[0], errno);
  if (pid == 0) {
    key.Reset();
    if (gate) WaitForParent(gate);
    ExecChild(options, arguments.data());
  }
  if (options.before_run) {
    options.before_run(pid);
    if (::write(key.get(), "r", 1) != 1) return FailErrno("let go of", options.arguments[0], errno);
  }
  return pid;
}

void PrepareProcessTitle(int argc, char** argv) {
  char* end = argv[0];
  for (int i = 0; i < argc; ++i)
    if (argv[i] == end) end = argv[i] + std::strlen(argv[i]) + 1;
  // The environment lies behind the arguments: it moves away and its room is ours.
  int count = 0;
  while (environ[count] != nullptr) ++count;
  char** copy = static_cast<char**>(std::calloc(static_cast<std::size_t>(count) + 1, sizeof(char*)));
  for (int i = 0; i < count; ++i) {
    if (environ[i] == end) end = environ[i] + std::strlen(environ[i]) + 1;
    copy[i] = ::strdup(environ[i]);
  }
  environ = copy;
  title_start = argv[0];
  title_room = static_cast<std::size_t>(end - argv[0]);
}

void SetProcessTitle(const std::string& title) {
  auto colon = title.find(": ");
  std::string role = colon == std::string::npos ? title : title.substr(colon + 2, title.find(' ', colon + 2) - colon - 2);
  ::prctl(PR_SET_NAME, role.substr(0, 15).c_str());
  if (title_start == nullptr || title_room < 2) return;
  std::memset(title_start, 0, title_room);
  std::memcpy(title_start, title.data(), std::min(title.size(), title_room - 1));
}

std::string DescribeExit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    int number = WTERMSIG(wait_status);
    return "killed by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(wait_status));
}

std::string ProgramFolder() {
  char path[PATH_MAX];
  ssize_t n = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0) return ".";
  std::string whole(path, static_cast<std::size_t>(n));
  return whole.substr(0, whole.find_last_of('/'));
}

}  // namespace smhost
