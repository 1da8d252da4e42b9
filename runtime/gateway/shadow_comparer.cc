#include "gateway/shadow_comparer.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include "base/limits.h"
#include "gateway/invocation.h"
#include "wire/answer_difference.h"

namespace smhost {

PairedAnswer PairedAnswer::Of(const Frame& response) {
  PairedAnswer answer;
  answer.there = true;
  answer.status = ModelStatus(response);
  answer.whole = response.body.size() <= limits::kShadowComparedBytes;
  if (answer.whole) {
    answer.content_type = response.Get(frame_key::kContentType);
    answer.body = response.body;
  }
  return answer;
}

ShadowComparison Compared(const ShadowPair& pair) {
  ShadowComparison seen;
  const PairedAnswer &caller = pair.caller, &shadow = pair.shadow;
  seen.status_matches = caller.status == shadow.status;
  if (!seen.status_matches || !caller.whole || !shadow.whole) return seen;
  auto difference = CompareAnswers(caller.content_type, caller.body, shadow.content_type, shadow.body, {}, limits::kShadowComparedBytes);
  seen.shape_matches = difference.same_shape;
  seen.mean_difference = difference.mean;
  seen.largest_difference = difference.largest;
  return seen;
}

ShadowComparer::~ShadowComparer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ShadowComparer::Offer(std::shared_ptr<const ShadowPair> pair) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits::kShadowComparisons) return pair->counters.CountShadowDropped();
    waiting_.push_back(std::move(pair));
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  changed_.notify_one();
}

void ShadowComparer::Run() {
  ::pthread_setname_np(::pthread_self(), "comparer");
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    auto pair = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    pair->counters.CountShadow(Compared(*pair));
    lock.lock();
  }
}

}  // namespace smhost
