// The requests that took two instances down, by digest, for limits::kPoisonRemembered: whoever asks for one again is
// refused. One list for all loops of a gateway, the only thing that they share on a request's way: any thread. Its lock is
// taken only while the list holds something, so that a gateway that never saw such a request never takes it.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"
#include "gateway/call.h"

namespace smhost {

class PoisonList {
 public:
  // Past limits::kPoisonedRequests the oldest goes.
  void Add(const std::string& digest, MonotonicTime now);
  bool Empty() const { return count_.load(std::memory_order_relaxed) == 0; }
  bool Holds(const std::string& digest, MonotonicTime now);

 private:
  void ForgetOld(MonotonicTime now);

  std::atomic<std::size_t> count_{0};  // of entries_
  std::mutex mutex_;
  std::deque<std::pair<MonotonicTime, std::string>> entries_;  // guarded by mutex_; the oldest first
};

// SHA-256 over what makes two requests the same one: account, endpoint, variant, fleet, content type, body. The fleet is
// among them because an update is how such a request is repaired, and its first try must not be refused.
std::string RequestDigest(const Call& call, const std::string& variant, const std::string& fleet);

}  // namespace smhost
