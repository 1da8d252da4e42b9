#include "state/runtime_info.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/lock.h"

namespace smhost {
namespace {

std::optional<RuntimeInfo> ReadContent(const Home& home) {
  auto text = MakeSystemFiles()->Read(home.Lock(), limits::kStateFileBytes);
  auto json =
      text.and_then([&](const std::string& bytes) { return ParseJson(bytes, home.Lock(), limits::kStateFileBytes); });
  if (!json) return std::nullopt;
  RuntimeInfo info;
  info.pid = static_cast<pid_t>(IntOr(*json, "pid"));
  info.start_time = static_cast<std::uint64_t>(IntOr(*json, "start_time"));
  info.address = StringOr(*json, "address", info.address);
  info.port = static_cast<int>(IntOr(*json, "port"));
  info.version = StringOr(*json, "version");
  info.started = StringOr(*json, "started");
  return info;
}

}  // namespace

std::string EncodeRuntimeInfo(const RuntimeInfo& info) {
  return CompactJson({{"pid", info.pid},
                      {"start_time", info.start_time},
                      {"address", info.address},
                      {"port", info.port},
                      {"version", info.version},
                      {"started", info.started}}) +
         "\n";
}

bool IsLoopbackAddress(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

bool IsAnyAddress(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return v4.s_addr == INADDR_ANY;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_UNSPECIFIED(&v6);
}

std::optional<RuntimeInfo> RunningRuntime(const Home& home) {
  if (!FileLock::Held(home.Lock())) return std::nullopt;
  return ReadContent(home).value_or(RuntimeInfo());
}

std::optional<RuntimeInfo> KilledRuntime(const Home& home) { return ReadContent(home); }

}  // namespace smhost
