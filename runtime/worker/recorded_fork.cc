#include "worker/recorded_fork.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor.h"
#include "wire/control.h"

namespace smhost {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr int kMostThreads = 2;  // TSan keeps one in the background, once there was another
#else
constexpr int kMostThreads = 1;
#endif

void CloseAllBut(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned from = 3;
  for (int fd : keep) {
    if (fd < static_cast<int>(from)) continue;
    if (static_cast<unsigned>(fd) > from) ::syscall(SYS_close_range, from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  ::syscall(SYS_close_range, from, ~0u, 0);
}

// The parent writes a byte once the record stands; its end comes without one if the parent died or could not write it.
bool WaitForRecord(int gate) {
  char byte;
  ssize_t n;
  do n = ::read(gate, &byte, 1);
  while (n < 0 && errno == EINTR);
  return n == 1;
}

[[noreturn]] void LiveAsChild(const ForkPlan& plan, int gate) {
  std::vector<int> keep = plan.keep;
  keep.push_back(plan.record->fd());
  keep.push_back(gate);
  if (plan.output >= 0) {
    ::dup2(plan.output, 1);
    ::dup2(plan.output, 2);
  }
  CloseAllBut(keep);
  // The parent took its signals from a descriptor; ours act again until we set that up ourselves.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!WaitForRecord(gate)) ::_exit(126);
  ::close(gate);
  ::_exit(plan.run());
}

}  // namespace

int ThreadCount() {
  DIR* folder = ::opendir("/proc/self/task");
  if (folder == nullptr) return 0;
  int count = 0;
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.';
  ::closedir(folder);
  return count;
}

bool HasOneThread() { return ThreadCount() <= kMostThreads; }

Result<ProcessId> ForkRecorded(const ForkPlan& plan) {
  if (!HasOneThread())
    return Fail(Code::kInternal, "cannot fork: this process has " + std::to_string(ThreadCount()) +
                                     " threads where it must have one; the model or a library started them");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return FailErrno("make a pipe", "fork", errno);
  Descriptor gate(ends[0]), key(ends[1]);
  pid_t pid = ::fork();
  if (pid < 0) return FailErrno("fork", "process", errno);
  if (pid == 0) LiveAsChild(plan, gate.get());
  ProcessId id{pid, StartTimeOf(pid), BootId()};
  SMHOST_TRY_STATUS(plan.record->SetContent(EncodeRecord({id, plan.order})));
  if (::write(key.get(), "r", 1) != 1) return FailErrno("let go of", "child", errno);
  return id;
}

}  // namespace smhost
