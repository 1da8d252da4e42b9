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
inline constexpr std::uint64_t kArtifactFramingBytes = 64ull << 20;  // a tar's headers and padding beyond its files' bytes
inline constexpr std::size_t kArtifactUrlBytes = 8 * 1024;  // presigned addresses are long; longer: refused
inline constexpr int kFetchRedirects = 5;                   // more: the fetch fails, naming the chain's last address
inline constexpr auto kFetchConnectTimeout = 10s;
inline constexpr auto kFetchStallTimeout = 30s;             // nothing comes for so long: the fetch fails, to be tried again

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
inline constexpr auto kKeptRestartDelayLast = 5s;             // of gateway, controller and launcher, which are never given up
inline constexpr auto kExcusedRestartDelayLast = 500ms;       // after deaths by requests that the gateway has found guilty
inline constexpr auto kHealthyLife = 2s;                       // served for so long: somebody or something from outside ended it
inline constexpr auto kKeptRestartForgetAfter = 2s;           // up for so long: their delay starts anew
inline constexpr std::size_t kLeavingPredecessors = 4;        // gateways that drain beside the new one; more restarts are refused
inline constexpr auto kStopLookAgain = 20ms;                  // while the last processes end
inline constexpr auto kPredecessorGrace = 2s;                 // children of a supervisor that died: SIGTERM, then SIGKILL
inline constexpr int kDefaultPort = 8790;                     // taken: the next free one …
inline constexpr int kDefaultPortsTried = 101;                // … of so many; none: `up` fails
inline constexpr std::uint64_t kDescriptors = 65'536;         // open files a process of ours may have, where the system allows
inline constexpr std::size_t kControlMessageBytes = 192 * 1024;  // one message on a control socket
inline constexpr std::size_t kLogFileBytes = 8u << 20;        // of one instance or process; then it becomes .1, the older .1 goes
inline constexpr std::size_t kLogFilesPerVariant = 600;      // of instances, living (256 at most) and ended; the oldest go
inline constexpr std::size_t kLogLineBytes = 16 * 1024;       // longer lines are cut into several

// --- who lives: ready decides traffic, live decides restart
inline constexpr auto kPingEvery = 2s;                        // the controller to an instance that is ready
inline constexpr auto kInstanceSilent = 10s;                  // no pong for so long: the instance is replaced
inline constexpr auto kModelCall = 60s;                       // one call of the model, where SAGEMAKER_MODEL_SERVER_TIMEOUT does not say
inline constexpr auto kModelCallGrace = 5s;                   // longer than that by so much: the instance is replaced
inline constexpr auto kTemplateSilent = 10s;                  // no answer to an order for so long: the template is replaced
inline constexpr auto kBeatEvery = 2s;                        // gateway, controller and launcher to the supervisor, from their work loops
inline constexpr auto kWatchdog = 10s;                        // no beat for so long, seen at two looks: SIGKILL, and another is started
inline constexpr auto kFirstBeat = 120s;                      // from the start of a process
inline constexpr auto kHandover = 2s;                         // a gateway that lives gives its listening sockets within this time
inline constexpr auto kLostGrace = 2s;                        // SIGTERM, then SIGKILL, of one that is silent or hangs

// --- history
inline constexpr std::size_t kRevisions = 10;                   // of an endpoint: the oldest go
inline constexpr std::size_t kRevisionsUnpacked = 2;            // what serves and what it replaced: snapshots that stay while there is room
inline constexpr int kHistoryRows = 100'000;                  // the oldest go

// --- what documents ask for
inline constexpr std::size_t kFaultsPerDocument = 100;           // the rest is not looked for
inline constexpr std::size_t kTemplateExpandedBytes = 16u << 20; // what the functions of one file produce; more: refused
inline constexpr int kTemplateConditionDepth = 64;               // conditions that name conditions; deeper: refused
inline constexpr std::size_t kParameterBytes = 4096;             // CloudFormation's; longer: refused
inline constexpr int kInstancesPerVariant = 256;                 // more: refused

// --- the gateway's connections
inline constexpr std::size_t kPipelinedRequests = 16;             // read and not answered on one connection; it is read no further
inline constexpr std::size_t kUnsentResponseBytes = 1u << 20;     // of one connection; no further request of it is read
inline constexpr std::size_t kHeldBodyBytes = 512u << 20;         // request bodies in one gateway, waiting or on their way; 503 past it
inline constexpr std::size_t kMediaTypeBytes = 1024;              // Content-Type, Accept; 400 past it
inline constexpr std::size_t kCustomAttributesBytes = 1024;       // AWS; 400 past it
inline constexpr std::size_t kModelMessageBytes = 4096;           // of a model's error inside a ModelError; cut
inline constexpr auto kLingerTimeout = 2s;                        // reading what a client still sends after its last answer; then closed
inline constexpr auto kShedIdleAfter = 1s;                        // idle for so long: closed when connections or descriptors run out
inline constexpr auto kAcceptBackOff = 100ms;                     // after accept() failed for want of descriptors or memory
inline constexpr auto kDrainIdle = 1s;                            // idle for so long while the gateway drains: connection closed
inline constexpr auto kDrainLinger = 200ms;                       // kLingerTimeout while the gateway drains
inline constexpr auto kDrainLimit = 28s;                          // of kStopGrace; what waits then gets 503
inline constexpr auto kReconnectFirst = 5ms;                      // to an instance that is routed to; doubles
inline constexpr auto kReconnectLast = 500ms;
inline constexpr std::size_t kGivenUpPerInstance = 1024;          // cancelled ids whose late answer is let pass; older ones are a breach

// --- counters, metrics, alarms
inline constexpr std::size_t kCounterSlots = 1024;                // variants counted at once; more are not counted
inline constexpr auto kCounterSlotIdle = 10min;                   // unused for so long: freed
inline constexpr std::size_t kSeriesBytes = 32u << 20;            // values of metrics in memory; the oldest go
inline constexpr std::size_t kSeriesFileBytes = 4u << 20;         // then it becomes .1, the older .1 goes

// --- golden sets
inline constexpr std::size_t kGoldenSetBytes = kDocumentBytes;    // golden.json; larger: the set has failed
inline constexpr auto kGoldenLongest = 300s;                      // of all requests of a set together; longer: it has failed
inline constexpr auto kGoldenPatience = 1s;                    // beyond twice the latency budget, for one answer

// --- requests that take instances down
inline constexpr auto kPoisonRemembered = 5min;                   // the same request is refused for so long
inline constexpr std::size_t kPoisonedRequests = 1024;            // remembered in one gateway; the oldest goes
inline constexpr std::size_t kPoisonedInstances = 16;             // named in one message to the controller; it reads no more of them

// --- copies for shadow variants; what is over is dropped and counted, no caller notices
inline constexpr std::size_t kShadowQueue = 64;                   // copies that wait for one shadow variant, in one loop
inline constexpr std::size_t kShadowBytes = 64u << 20;            // their bodies, and those at its instances
inline constexpr std::size_t kShadowComparedBytes = 256 * 1024;   // of an answer; larger ones are compared by status alone
inline constexpr std::size_t kShadowComparisons = 64;             // that wait in one gateway

}  // namespace smhost::limits
