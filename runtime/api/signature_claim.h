// What a request says about its own signature: read, not believed. CheckSignature asks; pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/canonical_request.h"
#include "api/sigv4.h"
#include "base/clock.h"

namespace smhost {

struct SignatureClaim {
  enum class Kind {
    kNone,
    kHeader,   // Version 4 in the header Authorization
    kQuery,    // Version 4 in the query
    kQueryV2,  // Version 2 in the query, as S3 clients presign
  };
  Kind kind = Kind::kNone;
  std::string fault;  // not empty: it cannot be read, and this says why

  std::string access_key_id, token, signature;
  std::string day, region, service;         // the credential scope; service "s3" for Version 2
  std::vector<std::string> signed_headers;  // Version 4
  std::string time;                         // Version 4: "20260131T120000Z"
  WallTime at{};                            // the same; of Version 2 the end
  std::optional<std::int64_t> expires_s;    // kQuery
  canonical::QueryParts query;

  bool presigned() const { return kind == Kind::kQuery || kind == Kind::kQueryV2; }
  std::string Scope() const { return day + "/" + region + "/" + service + "/aws4_request"; }
};

SignatureClaim ReadClaim(const HttpHead& head);

// "20260131T120000Z" of whole seconds.
std::string FormatBasicTime(WallTime time);

}  // namespace smhost
