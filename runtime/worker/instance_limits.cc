#include "worker/instance_limits.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "base/log.h"

namespace smhost {
namespace {

constexpr std::uint64_t kLeastMemoryBytes = 64ull << 20;  // under this not even a small model answers
constexpr std::uint64_t kStackBytes = 8ull << 20;
constexpr int kOwnThreads = 4;  // I/O, inference, and what libraries start

void Limit(int resource, std::uint64_t bytes, const char* name) {
  rlimit limit{};
  ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
  limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(bytes, limit.rlim_max);
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0)
    spdlog::warn("limit {} of {} bytes could not be set", name, bytes);
}

// The machine without memory should lose an instance, which is replaced, before anything else of ours.
void BecomeFirstVictim() {
  std::ofstream file("/proc/self/oom_score_adj");
  file << 500;
}

}  // namespace

Status EnterScratch(const InstanceOrder& order) {
  ::signal(SIGXFSZ, SIG_IGN);  // a file past the limit is an error of that write, not a death
  Limit(RLIMIT_CORE, 0, "RLIMIT_CORE");
  if (order.volume_bytes > 0) Limit(RLIMIT_FSIZE, order.volume_bytes, "RLIMIT_FSIZE");
  BecomeFirstVictim();
  if (order.scratch_folder.empty()) return {};
  if (::chdir(order.scratch_folder.c_str()) != 0)
    return FailErrno("enter the scratch folder", order.scratch_folder, errno);
  ::setenv("TMPDIR", order.scratch_folder.c_str(), 1);
  ::setenv("SMHOST_SCRATCH", order.scratch_folder.c_str(), 1);
  return {};
}

std::uint64_t PrivateMemoryBytes() {
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word)
    if (word == "VmData:") {
      std::uint64_t kilobytes = 0;
      file >> kilobytes;
      return kilobytes * 1024;
    }
  return 0;
}

Status LimitMemory(std::uint64_t memory_bytes, int threads) {
  if (memory_bytes == 0) return {};
  std::uint64_t now = PrivateMemoryBytes();
  if (now == 0)
    return Fail(Code::kUnavailable, "/proc/self/status: VmData cannot be read, so memory cannot be limited");
  std::uint64_t stacks = static_cast<std::uint64_t>(threads + kOwnThreads) * kStackBytes;
  Limit(RLIMIT_DATA, now + std::max(memory_bytes, kLeastMemoryBytes) + stacks, "RLIMIT_DATA");
  return {};
}

}  // namespace smhost
