// A download over HTTP(S), pulled through libcurl, the only file that knows it besides url.cc. Checks certificates; follows
// redirects to https alone (to http only from one loopback address to another), never with a signature. Nothing is asked of
// the server before the first Next().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "artifacts/source.h"

namespace smhost {

struct DownloadRequest {
  std::string address;  // what to get
  std::string name;     // what messages call it: no query
  bool loopback = false;
  bool s3 = false;      // errors are S3's XML; signed where settings.credentials are there; no redirects
};

// Failures: kNotFound (404, 410), kDenied (401, 403, a certificate that does not hold), kTooLarge (more than max_bytes),
// kTimedOut (settings.deadline), kInvalid (the server says so, or redirects where it must not); kUnavailable for what may
// pass: no connection, a stall, a transfer that ends early, 408, 429, 5xx.
std::unique_ptr<Source> MakeHttpSource(DownloadRequest request, const FetchSettings& settings, std::uint64_t max_bytes);

}  // namespace smhost
