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

// --- S3: "Amazon S3 User Guide", "Uploading and copying objects using multipart upload", where nothing else is said
inline constexpr std::uint64_t kS3PutBytes = 5ull << 30;         // of one put or part
inline constexpr std::uint64_t kS3PartBytesMin = 5u << 20;       // of every part but the last
inline constexpr int kS3Parts = 10'000;                          // of an upload
inline constexpr std::size_t kS3PageEntries = 1000;              // of a listing
inline constexpr std::size_t kS3DeleteKeys = 1000;               // of one DeleteObjects
inline constexpr std::size_t kS3MetadataBytes = 2048;            // x-amz-meta-…, names and values
inline constexpr std::size_t kS3DocumentBytes = 2u << 20;        // an XML body: 10,000 parts with their checksums fit
inline constexpr std::size_t kS3Uploads = 1000;                  // unfinished at once; ours: each costs a folder
inline constexpr std::size_t kS3CopyBytes = 256 * 1024;          // read or written at once

}  // namespace smhost::limits
