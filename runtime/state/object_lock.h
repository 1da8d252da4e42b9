// Held while names in a bucket change, so that a check and the change behind it are one step: for all threads and
// processes that go through the object store. Never held while bytes come in.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

class BucketLock {
 public:
  // Waits for it. kNotFound where there is no such bucket.
  static Result<BucketLock> Take(const std::string& root, const std::string& bucket);
  // Was the bucket removed while this was waited for?
  bool stale() const { return stale_; }

 private:
  explicit BucketLock(Descriptor folder, bool stale) : folder_(std::move(folder)), stale_(stale) {}
  Descriptor folder_;
  bool stale_;
};

}  // namespace smhost
