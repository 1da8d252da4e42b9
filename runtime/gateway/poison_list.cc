#include "gateway/poison_list.h"

#include <algorithm>

#include "base/digest.h"
#include "base/limits.h"

namespace smhost {

void PoisonList::Add(const std::string& digest, MonotonicTime now) {
  std::lock_guard lock(mutex_);
  ForgetOld(now);
  auto same = std::find_if(entries_.begin(), entries_.end(), [&](auto& entry) { return entry.second == digest; });
  if (same != entries_.end()) entries_.erase(same);
  entries_.emplace_back(now, digest);
  if (entries_.size() > limits::kPoisonedRequests) entries_.pop_front();
  count_.store(entries_.size(), std::memory_order_relaxed);
}

bool PoisonList::Holds(const std::string& digest, MonotonicTime now) {
  std::lock_guard lock(mutex_);
  ForgetOld(now);
  return std::any_of(entries_.begin(), entries_.end(), [&](auto& entry) { return entry.second == digest; });
}

void PoisonList::ForgetOld(MonotonicTime now) {
  while (!entries_.empty() && now - entries_.front().first >= limits::kPoisonRemembered) entries_.pop_front();
  count_.store(entries_.size(), std::memory_order_relaxed);
}

std::string RequestDigest(const Call& call, const std::string& variant, const std::string& fleet) {
  Sha256 sha;
  for (const std::string* part : {&call.account, &call.endpoint, &variant, &fleet, &call.content_type, &call.body}) {
    sha.Update(std::to_string(part->size()) + ":");
    sha.Update(*part);
  }
  return sha.FinishHex();
}

}  // namespace smhost
