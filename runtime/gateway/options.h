// What the gateway is told on its command line. The limits have no place in any document: the options for them are there
// for tests, which cannot wait a minute or send half a gigabyte.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "base/result.h"
#include "gateway/dispatcher.h"

namespace smhost {

struct GatewayOptions {
  std::string home;
  int tcp_fd = -1;   // listening; -1: none
  int unix_fd = -1;
  int beat_fd = -1;  // base/heartbeat.h
  int loops = 0;     // 0: by the number of processors
  Duration header_timeout = limits::kHeaderTimeout;
  Duration body_timeout = limits::kBodyTimeout;
  Duration idle_timeout = limits::kIdleTimeout;
  Duration write_timeout = limits::kWriteTimeout;
  Duration response_timeout = limits::kResponseTimeout;
  Duration stream_timeout = limits::kStreamTime;
  Duration drain_idle = limits::kDrainIdle;
  Duration drain_limit = limits::kDrainLimit;
  std::size_t connections = limits::kConnections;  // of all loops together, as the next two
  std::size_t held_body_bytes = limits::kHeldBodyBytes;
  DispatcherLimits dispatch{limits::kQueuePerVariant, limits::kQueueBytesPerVariant, limits::kOutstandingPerInstance};
};

// argv[0] is ignored. kInvalid names the word that is wrong.
Result<GatewayOptions> ParseGatewayOptions(int argc, char** argv);

}  // namespace smhost
