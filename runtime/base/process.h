// Processes, named so that a number used again never gets a signal meant for another: pid, start time and boot id
// together, or a pidfd. Linux alone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot: field 22 of /proc/PID/stat
  std::string boot_id;           // /proc/sys/kernel/random/boot_id
  bool operator==(const ProcessId&) const = default;
};

std::string BootId();
std::uint64_t StartTimeOf(pid_t pid);  // 0: no such process
// Of /proc/PID/stat the words behind the program's name: [0] is field 3, its state. Empty where there is no such process; one
// that ends while it is read is none.
std::vector<std::string> StatOf(pid_t pid);
ProcessId ThisProcess();

// A descriptor that becomes readable when the process ends; kNotFound if it is gone or is not the one meant.
Result<Descriptor> OpenProcess(const ProcessId& id);
Status SendSignal(const Descriptor& pidfd, int signal);

struct SpawnOptions {
  std::vector<std::string> arguments;  // [0] is the program's path
  std::vector<std::pair<int, int>> descriptors;  // {ours, number in the child}
  std::string log_path;   // stdout and stderr are appended there; empty: ours
  bool new_session = false;
  int nice = 0;           // added to ours; with it the idle I/O class is chosen where nice >= 10
  // Called in the parent, after the fork, to write down who the child is. The program runs only after it returned; if
  // the parent dies before, the child ends without running it: nothing runs that is not written down.
  std::function<void(pid_t)> before_run;
};
// fork and exec; the child has default signal dispositions, an empty mask, stdin from /dev/null and no other descriptor.
Result<pid_t> Spawn(const SpawnOptions& options);

// What `ps` shows, e.g. "smhostd: gateway [/home/u/.local/state/smhost]". Call PrepareProcessTitle first in main.
void PrepareProcessTitle(int argc, char** argv);
void SetProcessTitle(const std::string& title);

// "killed by signal 9 (Killed)", "ended with exit code 3": of a waitpid status.
std::string DescribeExit(int wait_status);

// The folder of the running program, to find its siblings.
std::string ProgramFolder();

}  // namespace smhost
