#include "supervisor/inheritance.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/json.h"
#include "base/sockets.h"

namespace smhost {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kInheritanceBytes = 64 * 1024;
constexpr const char* kName = "the supervisor's inheritance";

Json ToJson(const InheritedChild& child) {
  return {{"role", RoleName(child.what.role)}, {"pid", child.id.pid},        {"start_time", child.id.start_time},
          {"boot_id", child.id.boot_id},       {"leaving", child.what.leaving}, {"process", child.process},
          {"beat", child.beat}};
}

Result<InheritedChild> ChildFrom(const Json& json) {
  auto role = RoleNamed(StringOr(json, "role"));
  InheritedChild child;
  child.id = {static_cast<pid_t>(IntOr(json, "pid")), static_cast<std::uint64_t>(IntOr(json, "start_time")),
              StringOr(json, "boot_id")};
  if (!role || child.id.pid <= 1) return Fail(Code::kCorrupt, std::string(kName) + ": an entry is no child");
  child.what = {*role, child.id.pid, BoolOr(json, "leaving")};
  child.process = static_cast<int>(IntOr(json, "process", -1));
  child.beat = static_cast<int>(IntOr(json, "beat", -1));
  return child;
}

// Ours from here on; not for programs that we start.
Descriptor Own(int fd) {
  if (fd >= 0) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return Descriptor(fd);
}

Result<std::string> ReadAll(const Descriptor& fd) {
  std::string text(kInheritanceBytes, '\0');
  ssize_t n = ::pread(fd.get(), text.data(), text.size(), 0);
  if (n < 0) return FailErrno("read", kName, errno);
  text.resize(static_cast<std::size_t>(n));
  return text;
}

}  // namespace

std::string EncodeInheritance(const Inheritance& inheritance) {
  Json children = Json::array();
  for (const InheritedChild& child : inheritance.children) children.push_back(ToJson(child));
  return CompactJson({{"format", kFormat},
                      {"home", inheritance.home},
                      {"address", inheritance.address},
                      {"worker", inheritance.worker},
                      {"foreground", inheritance.foreground},
                      {"launcher_wanted", inheritance.launcher_wanted},
                      {"lock", inheritance.lock},
                      {"tcp", inheritance.tcp},
                      {"local", inheritance.local},
                      {"controller_link", inheritance.controller_link},
                      {"children", children}});
}

Result<Inheritance> DecodeInheritance(const std::string& text) {
  SMHOST_TRY(Json json, ParseJson(text, kName, kInheritanceBytes));
  if (IntOr(json, "format") > kFormat) return Fail(Code::kNewerFormat, std::string(kName) + ": of a newer smhostd");
  Inheritance read;
  read.home = StringOr(json, "home");
  read.address = StringOr(json, "address");
  read.worker = StringOr(json, "worker");
  read.foreground = BoolOr(json, "foreground");
  read.launcher_wanted = BoolOr(json, "launcher_wanted");
  auto number = [&json](const char* key) { return static_cast<int>(IntOr(json, key, -1)); };
  read.lock = number("lock");
  read.tcp = number("tcp");
  read.local = number("local");
  read.controller_link = number("controller_link");
  if (read.home.empty() || read.lock < 0 || read.tcp < 0 || read.local < 0 || !MemberOr(json, "children").is_array())
    return Fail(Code::kCorrupt, std::string(kName) + ": not whole");
  for (const Json& item : MemberOr(json, "children")) {
    SMHOST_TRY(InheritedChild child, ChildFrom(item));
    read.children.push_back(std::move(child));
  }
  return read;
}

Result<Descriptor> LeaveInheritance(const Inheritance& inheritance) {
  Descriptor fd(::memfd_create("smhost-inheritance", 0));
  if (!fd) return FailErrno("make a file in memory", kName, errno);
  std::string text = EncodeInheritance(inheritance);
  if (::pwrite(fd.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return FailErrno("write", kName, errno);
  return fd;
}

Result<Premises> TakeInheritance(int fd, Inheritance& inheritance) {
  Descriptor left = Own(fd);
  SMHOST_TRY(std::string text, ReadAll(left));
  SMHOST_TRY(inheritance, DecodeInheritance(text));
  Premises premises{Home(inheritance.home),
                    FileLock::Inherited(Own(inheritance.lock)),
                    Own(inheritance.tcp),
                    Own(inheritance.local),
                    inheritance.address,
                    0,
                    {},
                    true,
                    inheritance.launcher_wanted,
                    Own(inheritance.controller_link)};
  premises.port = PortOf(premises.tcp);
  for (const InheritedChild& child : inheritance.children)
    premises.adopted.push_back({child.what, child.id, Own(child.process), Own(child.beat)});
  return premises;
}

}  // namespace smhost
