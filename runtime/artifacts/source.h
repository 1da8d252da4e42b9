// Where an artifact's packed bytes come from: a file, the local object store, a web server or an S3-compatible store.
// Pulled by one thread; Next() blocks. Keeps no copy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "artifacts/fetch_settings.h"
#include "artifacts/url.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

// Tells most sources apart for the price of a few reads: where two outlines differ, the bytes do. Equal ones prove nothing.
struct SourceOutline {
  std::uint64_t bytes = 0;
  std::string sample;  // 64 hex digits, of some of the bytes
  bool operator==(const SourceOutline&) const = default;
};

class Source {
 public:
  virtual ~Source() = default;
  // The next bytes, valid until the next call; empty: that was all. After an error nothing more may be asked.
  virtual Result<std::string_view> Next() = 0;
  // What to call it in a message; holds no secret.
  virtual const std::string& name() const = 0;
  // Of a source that can be read twice: Rewind takes it back to its first byte. Nothing: it comes only once.
  virtual std::optional<SourceOutline> Outline() const { return std::nullopt; }
  virtual Status Rewind() { return Fail(Code::kInternal, name() + ": cannot be read twice"); }
};

// Chooses by scheme; s3:// goes to SMHOST_S3_ENDPOINT where that is set, else to the local object store where it has the
// object, else to AWS where credentials are set. A remote source of more than `max_bytes` fails (kTooLarge), before the
// download where the server tells its length.
Result<std::unique_ptr<Source>> OpenSource(const ArtifactUrl& url, const Home& home, const FetchSettings& settings,
                                           std::uint64_t max_bytes);

}  // namespace smhost
