#include "supervisor/process_ends.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/lock.h"
#include "wire/control.h"

namespace smhost {
namespace {

std::vector<Descriptor> OpenLiving(const std::vector<ProcessId>& processes) {
  std::vector<Descriptor> living;
  for (const ProcessId& process : processes)
    if (auto fd = OpenProcess(process)) living.push_back(std::move(*fd));
  return living;
}

// Lets go of those that end; true when none is left.
bool WaitForEnds(std::vector<Descriptor>& living, std::chrono::milliseconds longest) {
  auto until = std::chrono::steady_clock::now() + longest;
  while (!living.empty()) {
    std::vector<pollfd> wanted;
    for (const Descriptor& fd : living) wanted.push_back({fd.get(), POLLIN, 0});
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    ::poll(wanted.data(), wanted.size(), static_cast<int>(left));
    for (std::size_t i = wanted.size(); i-- > 0;)
      if (wanted[i].revents != 0) living.erase(living.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return true;
}

// Fields 3, 4 and 22 of /proc/PID/stat: is it a child of ours that has not ended, and since when does it run? (A kernel
// need not have /proc/PID/task/*/children.)
bool IsLivingChild(pid_t pid, pid_t parent, std::uint64_t& start_time) {
  auto words = StatOf(pid);
  if (words.size() <= 22 - 3 || words[0] == "Z" || std::strtol(words[4 - 3].c_str(), nullptr, 10) != parent) return false;
  start_time = std::strtoull(words[22 - 3].c_str(), nullptr, 10);
  return true;
}

void AddRecorded(Files& files, const std::string& folder, std::vector<ProcessId>& found) {
  auto entries = files.List(folder);
  if (!entries) return;
  for (const FileEntry& entry : *entries) {
    std::string path = folder + "/" + entry.name;
    if (!entry.name.ends_with(".json") || !FileLock::Held(path)) continue;
    auto text = files.Read(path, limits::kStateFileBytes);
    if (!text) continue;
    if (auto record = DecodeRecord(*text)) found.push_back(record->process);
  }
}

}  // namespace

int EndProcesses(const std::vector<ProcessId>& processes, std::chrono::milliseconds grace) {
  auto living = OpenLiving(processes);
  int count = static_cast<int>(living.size());
  for (const Descriptor& fd : living) {
    (void)SendSignal(fd, SIGTERM);
    (void)SendSignal(fd, SIGCONT);
  }
  if (WaitForEnds(living, grace)) return count;
  for (const Descriptor& fd : living) (void)SendSignal(fd, SIGKILL);
  WaitForEnds(living, grace);
  return count;
}

void SignalProcess(const ProcessId& process, int signal) {
  if (auto fd = OpenProcess(process)) (void)SendSignal(*fd, signal);
}

std::vector<ProcessId> OurChildren() {
  std::vector<ProcessId> children;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (!folder) return children;
  const pid_t us = ::getpid();
  const std::string boot_id = BootId();
  while (dirent* entry = ::readdir(folder.get())) {
    if (!std::isdigit(static_cast<unsigned char>(entry->d_name[0]))) continue;
    ProcessId process{static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10)), 0, boot_id};
    if (IsLivingChild(process.pid, us, process.start_time)) children.push_back(process);
  }
  return children;
}

std::vector<ProcessId> RecordedProcesses(Files& files, const Home& home) {
  std::vector<ProcessId> found;
  AddRecorded(files, home.Run() + "/templates", found);
  AddRecorded(files, home.Run() + "/instances", found);
  // A record may outlive its process's lock by a child that inherited it.
  std::erase_if(found, [](const ProcessId& process) { return !OpenProcess(process); });
  return found;
}

}  // namespace smhost
