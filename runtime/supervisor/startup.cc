#include "supervisor/startup.h"

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "base/sockets.h"
#include "state/credentials.h"
#include "state/layout.h"
#include "state/runtime_info.h"
#include "state/tls_authority.h"
#include "supervisor/takeover.h"

namespace smhost {
namespace {

// Somebody who only asks whether the lock is held holds it for an instant.
constexpr auto kLockPatience = std::chrono::milliseconds(300);

StartupFailure Because(const Error& error) {
  return {error.code == Code::kInvalid ? kExitUsage : kExitFailed, error.message};
}

std::string NameHolder(const Home& home) {
  auto info = RunningRuntime(home);
  if (!info || info->pid <= 0) return "";
  return " (pid " + std::to_string(info->pid) + ", " + info->address + ":" + std::to_string(info->port) + ")";
}

StartupFailure LockFailure(const Home& home, const Error& error) {
  if (error.code != Code::kConflict) return Because(error);
  return {kExitRunsAlready, home.root() + ": a runtime runs here already" + NameHolder(home) +
                                "; use it, stop it with `smhost down`, or choose another --home"};
}

Result<Descriptor> ListenOnFirstFree(const std::string& address, int previous_port) {
  for (int port : PortsToTry(previous_port)) {
    auto listener = ListenTcp(address, port, limits::kListenBacklog);
    if (listener || listener.error().code != Code::kConflict) return listener;
  }
  return Fail(Code::kConflict, address + ": the ports " + std::to_string(limits::kDefaultPort) + " to " +
                                   std::to_string(limits::kDefaultPort + limits::kDefaultPortsTried - 1) +
                                   " are all taken; choose one with --port");
}

Result<Descriptor> ListenForWorld(const UpOptions& options, int previous_port) {
  if (!options.port) return ListenOnFirstFree(options.address, previous_port);
  auto listener = ListenTcp(options.address, *options.port, limits::kListenBacklog);
  if (!listener && listener.error().code == Code::kConflict)
    return Fail(Code::kConflict, listener.error().message + "; choose another with --port, or none to get a free one");
  return listener;
}

// A runtime that was stopped in order left no content; then any port is as good as another.
int PreviousPort(const Home& home, const std::string& address) {
  auto info = KilledRuntime(home);
  return info && info->address == address ? info->port : 0;
}

Status OpenSockets(const UpOptions& options, const Home& home, Premises& premises) {
  auto predecessors = ReadPredecessors(*MakeSystemFiles(), home);
  if (auto taken = TakeOver(home, options, predecessors)) {
    premises.tcp = std::move(taken->tcp);
    premises.local = std::move(taken->local);
    premises.adopted = std::move(taken->adopted);
    return {};
  }
  int previous_port = PreviousPort(home, options.address);
  EndAll(predecessors);
  SMHOST_TRY(premises.tcp, ListenForWorld(options, previous_port));
  SMHOST_TRY(premises.local, ListenUnix(home.Socket(), SocketKind::kStream, limits::kListenBacklog));
  return {};
}

// Beyond loopback HTTPS is all that is spoken, so the certificate must be for the address, or for this machine where it is
// any address. On loopback plain HTTP serves without one.
Status PrepareTls(Files& files, const Home& home, const std::string& address) {
  const bool beyond = !IsLoopbackAddress(address);
  std::vector<std::string> names;
  if (beyond) names.push_back(IsAnyAddress(address) ? MachineName() : address);
  std::erase(names, "");
  auto made = AddTlsNames(files, SystemClock(), home, names);
  if (made)
    for (const std::string& warning : made->warnings) spdlog::warn("{}", warning);
  else if (beyond)
    return Fail(made.error().code, address + ": beyond loopback only HTTPS is spoken, and there is no certificate for it: " + made.error().message +
                                       "; mend that, or listen on 127.0.0.1");
  else
    spdlog::error("HTTPS is not spoken, plain HTTP is: {}", made.error().message);
  return {};
}

Result<Premises> Listen(Files& files, const UpOptions& options, Home home, FileLock lock) {
  Premises premises{std::move(home), std::move(lock), {}, {}, options.address, 0, {}, false, false, {}};
  SMHOST_TRY_STATUS(OpenSockets(options, premises.home, premises));
  SMHOST_TRY(Credentials credentials, EnsureCredentials(files, SystemClock(), premises.home));
  if (!credentials.quarantined.empty())
    spdlog::warn("{}: was damaged, lies in {} now; clients need the new keys (smhost env)",
                 premises.home.Credentials(), credentials.quarantined);
  SMHOST_TRY_STATUS(PrepareTls(files, premises.home, options.address));
  premises.port = PortOf(premises.tcp);
  return premises;
}

}  // namespace

Status SayWhoWeAre(Premises& premises, const std::string& version) {
  RuntimeInfo info;
  ProcessId us = ThisProcess();
  info.pid = us.pid;
  info.start_time = us.start_time;
  info.address = premises.address;
  info.port = premises.port;
  info.version = version;
  info.started = FormatIso8601(SystemClock().Wall());
  auto written = premises.lock.SetContent(EncodeRuntimeInfo(info));
  if (!written) return Fail(written.error().code, premises.home.Lock() + ": " + written.error().message);
  return {};
}

tl::expected<Premises, StartupFailure> PreparePremises(Files& files, const UpOptions& options,
                                                       const std::string& version) {
  auto home = Home::Find(options.home);
  if (!home) return tl::unexpected(Because(home.error()));
  if (auto prepared = PrepareHome(files, *home); !prepared) return tl::unexpected(Because(prepared.error()));
  auto lock = FileLock::Take(home->Lock(), kLockPatience);
  if (!lock) return tl::unexpected(LockFailure(*home, lock.error()));
  // Only now: an earlier one's log is not for us to turn over while that one runs.
  StartLog(options.foreground ? "" : home->ProcessLog("supervisor"));
  auto premises = Listen(files, options, *home, std::move(*lock));
  if (!premises) return tl::unexpected(Because(premises.error()));
  if (auto written = SayWhoWeAre(*premises, version); !written) return tl::unexpected(Because(written.error()));
  return std::move(*premises);
}

}  // namespace smhost
