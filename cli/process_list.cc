#include "process_list.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/limits.h"
#include "base/lock.h"
#include "base/process.h"
#include "state/runtime_info.h"
#include "wire/control.h"

namespace smhost::cli {
namespace {

std::uint64_t MemoryOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string word;
  while (file >> word) {
    if (word != "Pss:") continue;
    std::uint64_t kib = 0;
    file >> kib;
    return kib * 1024;
  }
  return 0;
}

void Add(std::vector<RuntimeProcess>& into, const std::string& role, const std::string& object, const ProcessId& id) {
  if (id.pid > 0 && StartTimeOf(id.pid) == id.start_time && id.start_time != 0)
    into.push_back({role, object, id.pid, MemoryOf(id.pid)});
}

// The supervisor's list of its children: run/children.json.
void AddChildren(Files& files, const Home& home, std::vector<RuntimeProcess>& into) {
  std::string path = home.Run() + "/children.json";
  auto text = files.Read(path, limits::kStateFileBytes);
  auto json = text.and_then([&](const std::string& bytes) { return ParseJson(bytes, path, limits::kStateFileBytes); });
  if (!json || !MemberOr(*json, "children").is_array()) return;
  for (const Json& child : MemberOr(*json, "children"))
    Add(into, StringOr(child, "role"), "",
        {static_cast<pid_t>(IntOr(child, "pid")), static_cast<std::uint64_t>(IntOr(child, "start_time")), ""});
}

std::string ObjectOf(const std::string& role, const Json& order) {
  if (role == "template") {
    std::string digest = StringOr(order, "digest");
    return digest.substr(digest.find(':') + 1).substr(0, 12);
  }
  return StringOr(order, "endpoint") + "/" + StringOr(order, "variant") + "/" + std::to_string(IntOr(order, "index"));
}

void AddRecorded(Files& files, const std::string& folder, const std::string& role, std::vector<RuntimeProcess>& into) {
  auto entries = files.List(folder);
  if (!entries) return;
  for (const FileEntry& entry : *entries) {
    if (!entry.name.ends_with(".json")) continue;
    std::string path = folder + "/" + entry.name;
    if (!FileLock::Held(path)) continue;  // its process has ended
    auto text = files.Read(path, limits::kStateFileBytes);
    auto record = text.and_then([](const std::string& bytes) { return DecodeRecord(bytes); });
    if (record) Add(into, role, ObjectOf(role, record->order), record->process);
  }
}

}  // namespace

std::vector<RuntimeProcess> ProcessesOf(Files& files, const Home& home) {
  std::vector<RuntimeProcess> processes;
  if (auto info = RunningRuntime(home)) Add(processes, "supervisor", "", {info->pid, info->start_time, ""});
  std::vector<RuntimeProcess> children;
  AddChildren(files, home, children);
  for (const char* role : {"controller", "gateway", "api", "launcher"})
    std::copy_if(children.begin(), children.end(), std::back_inserter(processes),
                 [&](const auto& child) { return child.role == role; });
  AddRecorded(files, home.Run() + "/templates", "template", processes);
  std::size_t instances = processes.size();
  AddRecorded(files, home.Run() + "/instances", "instance", processes);
  std::sort(processes.begin() + static_cast<std::ptrdiff_t>(instances), processes.end(),
            [](const auto& a, const auto& b) { return a.object < b.object; });
  return processes;
}

}  // namespace smhost::cli
