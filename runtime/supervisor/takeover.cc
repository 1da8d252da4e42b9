#include "supervisor/takeover.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/sockets.h"
#include "supervisor/process_ends.h"
#include "wire/handover.h"

namespace smhost {
namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(10);

std::string AddressOf(const Descriptor& socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "";
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&storage)->sin_addr, text, sizeof text);
  if (storage.ss_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(&storage)->sin6_addr, text, sizeof text);
  return text;
}

Result<HandedOver> AskForSockets(const Home& home) {
  SMHOST_TRY(Descriptor connection, ConnectUnix(home.ListenersSocket(), SocketKind::kPacket));
  if (!WaitReadable(connection, std::chrono::milliseconds(limits::kHandover).count()))
    return Fail(Code::kTimedOut, home.ListenersSocket() + ": no gateway answers");
  return ReceiveHandover(connection);
}

// One that was just started does not answer yet, and so the connections that wait in its sockets are not given up yet.
Result<HandedOver> AskUntilItListens(const Home& home, const std::vector<ChildRecord>& predecessors) {
  const auto end = std::chrono::steady_clock::now() + limits::kHandover;
  for (;;) {
    auto over = AskForSockets(home);
    const bool silent = !over && (over.error().code == Code::kNotFound || over.error().code == Code::kUnavailable);
    const bool may_come = std::any_of(predecessors.begin(), predecessors.end(), [](const ChildRecord& child) {
      return child.role == RoleName(Role::kGateway) && OpenProcess(child.process);
    });
    if (!silent || !may_come || std::chrono::steady_clock::now() > end) return over;
    std::this_thread::sleep_for(kAskAgain);
  }
}

// Are they what would be opened now? A path that was removed cannot be connected to, whoever listens behind it.
Status CheckSockets(const Home& home, const UpOptions& options, const HandedOver& over) {
  if (!over.tcp) return Fail(Code::kConflict, "the gateway has no TCP socket");
  if (options.port && *options.port != 0 && *options.port != PortOf(over.tcp))
    return Fail(Code::kConflict, "it listens on port " + std::to_string(PortOf(over.tcp)) + ", asked for is " +
                                     std::to_string(*options.port));
  if (AddressOf(over.tcp) != options.address)
    return Fail(Code::kConflict, "it listens on " + AddressOf(over.tcp) + ", asked for is " + options.address);
  return ConnectUnix(home.Socket(), SocketKind::kStream).transform([](Descriptor) {});
}

void Adopt(const ProcessId& id, bool leaving, Descriptor beat, TakenOver& taken) {
  auto process = OpenProcess(id);
  if (!process) return;  // it has just ended: another is started
  taken.adopted.push_back({{Role::kGateway, id.pid, leaving}, id, std::move(*process), std::move(beat)});
}

}  // namespace

std::vector<ChildRecord> ReadPredecessors(Files& files, const Home& home) {
  auto children = ReadChildren(files, home.Children());
  if (!children) {
    spdlog::warn("{}; processes of an earlier runtime may be left", children.error().message);
    return {};
  }
  std::erase_if(*children, [](const ChildRecord& child) { return !OpenProcess(child.process); });
  return std::move(*children);
}

std::optional<TakenOver> TakeOver(const Home& home, const UpOptions& options,
                                  const std::vector<ChildRecord>& predecessors) {
  auto over = AskUntilItListens(home, predecessors);
  auto usable = over ? CheckSockets(home, options, *over) : Status(Fail(over.error()));
  if (!usable) {
    if (!predecessors.empty()) spdlog::warn("the earlier supervisor's sockets are not taken over: {}", usable.error().message);
    return std::nullopt;
  }
  SMHOST_FAILPOINT(takeover_taken);
  spdlog::warn("an earlier supervisor had been killed: its gateway (pid {}) serves on", over->from);
  TakenOver taken{std::move(over->tcp), std::move(over->local), {}};
  std::vector<ChildRecord> others;
  for (const ChildRecord& child : predecessors) {
    if (child.process.pid == over->from) continue;
    if (child.role == RoleName(Role::kGateway)) Adopt(child.process, true, {}, taken);
    else others.push_back(child);
  }
  Adopt({over->from, StartTimeOf(over->from), BootId()}, false, std::move(over->beat), taken);
  EndAll(others);
  SMHOST_FAILPOINT(takeover_ended);
  return taken;
}

void EndAll(const std::vector<ChildRecord>& predecessors) {
  std::vector<ProcessId> processes;
  for (const ChildRecord& child : predecessors) processes.push_back(child.process);
  int ended = EndProcesses(processes, limits::kPredecessorGrace);
  if (ended > 0) spdlog::warn("an earlier supervisor had been killed: {} processes of it were ended", ended);
}

}  // namespace smhost
