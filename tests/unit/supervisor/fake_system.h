// A System whose processes are numbers and whose time moves by Advance. Writes down what it was asked for, a line each.
#pragma once

#include <signal.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "supervisor/system.h"

namespace smhost {

class FakeSystem final : public System {
 public:
  FakeSystem() { spdlog::set_level(spdlog::level::off); }

  Result<pid_t> Start(Role role) override {
    if (fail_starts > 0) {
      --fail_starts;
      return Fail(Code::kUnavailable, "no room for another process");
    }
    pid_t pid = next_pid++;
    roles[pid] = role;
    Say(std::string("start ") + RoleName(role) + " " + std::to_string(pid));
    return pid;
  }
  void Signal(pid_t pid, int signal) override {
    if (signal != SIGCONT) Say(SignalWord(signal) + " " + std::to_string(pid));
  }
  MonotonicTime Now() override { return now; }
  std::uint64_t Random() override { return ++seed; }
  Timer After(Duration delay, std::function<void()> callback) override {
    timers.emplace(std::pair(now + delay, ++next_timer), std::move(callback));
    return next_timer;
  }
  void Cancel(Timer timer) override {
    std::erase_if(timers, [&](const auto& entry) { return entry.first.second == timer; });
  }
  void TellLauncherRuns() override { Say("tell launcher runs"); }
  void CloseListeners() override { Say("close listeners"); }
  std::vector<ProcessId> Others() override { return others; }
  void SignalOther(const ProcessId& process, int signal) override {
    if (signal != SIGCONT) Say("other " + SignalWord(signal) + " " + std::to_string(process.pid));
  }
  void Finish() override { Say("finish"); }

  void Advance(Duration time) {
    MonotonicTime until = now + time;
    while (!timers.empty() && timers.begin()->first.first <= until) {
      now = std::max(now, timers.begin()->first.first);
      auto callback = std::move(timers.begin()->second);
      timers.erase(timers.begin());
      callback();
    }
    now = until;
  }

  // What was said since the last call.
  std::vector<std::string> Said() { return std::exchange(said, {}); }

  MonotonicTime now{std::chrono::hours(1)};
  pid_t next_pid = 101;
  int fail_starts = 0;
  std::uint64_t seed = 0;
  Timer next_timer = 0;
  std::map<std::pair<MonotonicTime, Timer>, std::function<void()>> timers;
  std::map<pid_t, Role> roles;
  std::vector<ProcessId> others;
  std::vector<std::string> said;

 private:
  static std::string SignalWord(int signal) { return signal == SIGTERM ? "TERM" : signal == SIGKILL ? "KILL" : "?"; }
  void Say(std::string line) { said.push_back(std::move(line)); }
};

using Lines = std::vector<std::string>;
inline constexpr int kKilled = SIGKILL;  // wait statuses
inline constexpr int kExited = 0;

}  // namespace smhost
