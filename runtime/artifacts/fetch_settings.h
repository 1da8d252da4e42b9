// How remote artifacts are fetched: what the environment says, and the waits of base/limits.h.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/limits.h"

namespace smhost {

struct AwsCredentials {
  std::string access_key, secret_key;
  std::string session_token;  // of temporary credentials; else empty
};

struct FetchSettings {
  std::string s3_endpoint;                    // SMHOST_S3_ENDPOINT: address of an S3-compatible store, path style
  std::string region;                         // AWS_REGION, else AWS_DEFAULT_REGION, else the local one
  std::optional<AwsCredentials> credentials;  // AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
  std::string ca_file, ca_folder;             // CURL_CA_BUNDLE, else SSL_CERT_FILE and SSL_CERT_DIR; else the system's
  std::chrono::seconds connect_timeout = limits::kFetchConnectTimeout;
  std::chrono::seconds stall_timeout = limits::kFetchStallTimeout;
  std::optional<MonotonicTime> deadline;      // of a whole download; none: only the stall timeout ends it

  // `lookup` gives a variable's value or nullptr, as getenv does.
  static FetchSettings From(const std::function<const char*(const char*)>& lookup);
  static FetchSettings FromEnvironment();
};

}  // namespace smhost
