#include "gateway/options.h"

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace smhost {
namespace {

tl::unexpected<Error> Wrong(std::string_view word, const char* why) {
  return Fail(Code::kInvalid, "smhostd gateway: " + std::string(word) + ": " + why);
}

}  // namespace

Result<GatewayOptions> ParseGatewayOptions(int argc, char** argv) {
  GatewayOptions options;
  using Setter = std::function<void(std::int64_t)>;
  auto duration = [](Duration& to) { return Setter([&to](std::int64_t ms) { to = std::chrono::milliseconds(ms); }); };
  auto size = [](std::size_t& to) { return Setter([&to](std::int64_t n) { to = static_cast<std::size_t>(n); }); };
  auto number = [](int& to) { return Setter([&to](std::int64_t n) { to = static_cast<int>(n); }); };
  const std::map<std::string_view, Setter> setters = {
      {"--tcp-fd", number(options.tcp_fd)},
      {"--unix-fd", number(options.unix_fd)},
      {"--beat-fd", number(options.beat_fd)},
      {"--loops", number(options.loops)},
      {"--header-timeout-ms", duration(options.header_timeout)},
      {"--body-timeout-ms", duration(options.body_timeout)},
      {"--idle-timeout-ms", duration(options.idle_timeout)},
      {"--write-timeout-ms", duration(options.write_timeout)},
      {"--response-timeout-ms", duration(options.response_timeout)},
      {"--stream-timeout-ms", duration(options.stream_timeout)},
      {"--drain-idle-ms", duration(options.drain_idle)},
      {"--drain-limit-ms", duration(options.drain_limit)},
      {"--connections", size(options.connections)},
      {"--held-body-bytes", size(options.held_body_bytes)},
      {"--queue", size(options.dispatch.queue_calls)},
      {"--queue-bytes", size(options.dispatch.queue_bytes)},
      {"--outstanding", number(options.dispatch.outstanding)},
  };
  for (int i = 1; i < argc; i += 2) {
    std::string_view word = argv[i];
    if (i + 1 >= argc) return Wrong(word, "needs a value");
    std::string_view value = argv[i + 1];
    if (word == "--home") {
      options.home = value;
      continue;
    }
    auto setter = setters.find(word);
    if (setter == setters.end()) return Wrong(word, "unknown option");
    std::int64_t parsed = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size() || parsed < 0 || parsed > (1ll << 40))
      return Wrong(word, "needs a number that is not negative");
    setter->second(parsed);
  }
  if (options.unix_fd < 0 && options.tcp_fd < 0) return Wrong("--unix-fd", "or --tcp-fd must name a listening socket");
  if (options.connections < 1 || options.dispatch.outstanding < 1 || options.loops > 64)
    return Wrong("--connections, --outstanding, --loops", "out of range");
  return options;
}

}  // namespace smhost
