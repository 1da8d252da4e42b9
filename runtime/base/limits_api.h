// The bounds of limits.h that only the AWS APIs, their process and the way to it have.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace smhost::limits {

using namespace std::chrono_literals;

// --- between gateway and API process
inline constexpr std::size_t kApiHeadBytes = 256 * 1024;      // one head, as JSON
inline constexpr std::size_t kApiPieceBytes = 256 * 1024;     // one piece of a body, and a head
inline constexpr std::size_t kApiRequestsAtOnce = 64;         // in one API process; more wait, in the gateway, for kApiWait
inline constexpr auto kApiWait = 10s;                         // for the API process to take a request; 503 past it
inline constexpr auto kApiSilent = 120s;                      // no byte from the API process or the client for so long: the request ends
inline constexpr std::size_t kApiBufferedBytes = 1u << 20;    // of one request or answer on its way in the gateway; it reads no further

// --- bodies
inline constexpr std::size_t kApiBodyBytes = 4u << 20;        // of an operation that is no object; 413 past it

// --- SageMaker
inline constexpr std::size_t kApiResourcesPerKind = 10'000;   // of one account, that Create makes; ResourceLimitExceeded past it
inline constexpr std::size_t kPageTokenBytes = 8192;          // AWS; longer: ValidationException

}  // namespace smhost::limits
