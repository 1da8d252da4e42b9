// Every bound on what comes from outside, in one place, each with what happens there.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace smhost::limits {

using namespace std::chrono_literals;

// --- documents and state files
inline constexpr std::size_t kDocumentBytes = 4 * 1024 * 1024;   // larger: the file is refused, named
inline constexpr int kJsonDepth = 64;                            // deeper: refused; nlohmann's dump dies at about 100,000
inline constexpr std::size_t kStateFileBytes = 16 * 1024 * 1024; // larger: quarantined as corrupt
inline constexpr std::size_t kResourcesPerApply = 500;           // CloudFormation's limit of a template; more: refused

// --- artifacts; at the first breach the whole archive is refused with the entry's name
inline constexpr std::uint64_t kDefaultVolumeBytes = 30ull << 30;  // where neither document nor instance type tells
inline constexpr std::uint64_t kArtifactEntries = 10'000;
inline constexpr int kArtifactDepth = 32;
inline constexpr std::size_t kArtifactNameBytes = 1024;     // of the whole path
inline constexpr std::size_t kArtifactComponentBytes = 255; // of one part of it
inline constexpr std::uint64_t kArtifactRatio = 1000;       // unpacked : packed, looked at after the first 16 MiB
inline constexpr std::uint64_t kArtifactRatioFloorBytes = 16ull << 20;
inline constexpr int kFetchRedirects = 5;                   // more: the fetch fails, naming the chain's last address
inline constexpr auto kFetchConnectTimeout = 10s;
inline constexpr auto kFetchStallTimeout = 30s;             // under 1 byte/s for so long: the fetch fails

// --- HTTP
inline constexpr std::size_t kRequestBodyBytes = 6'291'456;   // AWS: 413 past it
inline constexpr std::size_t kRequestHeaderBytes = 64 * 1024; // 431 past it, connection closed
inline constexpr std::size_t kRequestHeaderCount = 128;       // 431 past it, connection closed
inline constexpr std::size_t kRequestTargetBytes = 8 * 1024;  // 414 past it, connection closed
inline constexpr std::size_t kChunkOverheadBytes = 64 * 1024; // chunk sizes, extensions and trailers of one request; 400 past it
inline constexpr auto kHeaderTimeout = 10s;                   // from the first byte; connection closed
inline constexpr auto kBodyTimeout = 60s;                     // from the end of the header; 408
inline constexpr auto kIdleTimeout = 75s;                     // between requests; connection closed
inline constexpr auto kWriteTimeout = 30s;                    // no progress for so long; connection closed
inline constexpr auto kResponseTimeout = 60s;                 // AWS; 424 ModelError past it
inline constexpr std::size_t kConnections = 4096;             // more wait in the listen queue
inline constexpr int kListenBacklog = 1024;
inline constexpr std::size_t kQueuePerVariant = 1024;         // 503 past it
inline constexpr std::size_t kQueueBytesPerVariant = 256u << 20;  // bodies waiting; 503 past it

// --- gateway and instance
inline constexpr std::size_t kFrameMetaBytes = 64 * 1024;
inline constexpr std::size_t kFrameBodyBytes = 64u << 20;     // larger: the frame is refused and the instance replaced
inline constexpr int kOutstandingPerInstance = 64;            // frames sent and not answered; more wait in the variant's queue
inline constexpr std::size_t kModelOutputBytes = 48u << 20;   // larger: 424 ModelError

// --- processes
inline constexpr auto kStopGrace = 30s;                       // SIGTERM, then SIGKILL (AWS's container contract)
inline constexpr auto kStartupTimeout = 480s;                 // AWS's 8 minutes, where the variant does not say
inline constexpr auto kRestartDelayFirst = 100ms;             // doubles, with jitter
inline constexpr auto kRestartDelayLast = 300s;
inline constexpr auto kRestartForgetAfter = 10min;            // up for so long: the delay starts anew
inline constexpr int kStartLimit = 5;                         // deaths in kStartLimitWindow: Failed with the reason
inline constexpr auto kStartLimitWindow = 60s;
inline constexpr std::size_t kControlMessageBytes = 192 * 1024;  // one message on a control socket
inline constexpr std::size_t kLogFileBytes = 8u << 20;        // of one instance or process; then it becomes .1, the older .1 goes
inline constexpr std::size_t kLogLineBytes = 16 * 1024;       // longer lines are cut into several

// --- history
inline constexpr int kHistoryRows = 100'000;                  // the oldest go

}  // namespace smhost::limits
