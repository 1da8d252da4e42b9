#include "worker/background.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include "base/log.h"

namespace smhost {
namespace {

constexpr int kNice = 10;
constexpr int kIoprioWhoProcess = 1, kIoprioBestEffort = 2, kIoprioLowest = 7;  // linux/ioprio.h

// Both act on the calling thread alone.
void LowerPriority() {
  ::setpriority(PRIO_PROCESS, 0, kNice);
  ::syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioBestEffort << 13 | kIoprioLowest);
}

// join() returns a moment before the kernel has forgotten the thread.
void AwaitEndOf(pid_t thread) {
  const std::string path = "/proc/self/task/" + std::to_string(thread);
  for (int i = 0; i < 1000 && ::access(path.c_str(), F_OK) == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

void LeaveInBackground() {
  constexpr int kLowest = 19;
  std::error_code failed;
  // Whichever thread is the last gives the memory back.
  for (std::filesystem::directory_iterator task("/proc/self/task", failed), end; !failed && task != end; task.increment(failed))
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(std::atoi(task->path().filename().c_str())), kLowest);
}

void RunInBackground(const std::function<void()>& work) {
  pid_t id = 0;
  std::thread thread;
  try {
    thread = std::thread([&] {
      id = ::gettid();
      LowerPriority();
      work();
    });
  } catch (const std::system_error& error) {
    spdlog::warn("no thread for background work: {}", error.what());
    return work();
  }
  thread.join();
  AwaitEndOf(id);
}

}  // namespace smhost
