// Where an artifact's packed bytes come from: a file, the local object store, a web server or an S3-compatible store.
// Pulled by one thread; Next() blocks. Keeps no copy.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "artifacts/fetch_settings.h"
#include "artifacts/url.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

class Source {
 public:
  virtual ~Source() = default;
  // The next bytes, valid until the next call; empty: that was all. After an error nothing more may be asked.
  virtual Result<std::string_view> Next() = 0;
  // What to call it in a message; holds no secret.
  virtual const std::string& name() const = 0;
};

// Chooses by scheme; s3:// goes to SMHOST_S3_ENDPOINT where that is set, else to the local object store where it has the
// object, else to AWS where credentials are set. A remote source of more than `max_bytes` fails (kTooLarge), before the
// download where the server tells its length.
Result<std::unique_ptr<Source>> OpenSource(const ArtifactUrl& url, const Home& home, const FetchSettings& settings,
                                           std::uint64_t max_bytes);

}  // namespace smhost
