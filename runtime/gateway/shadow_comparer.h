// Compares what callers got with what shadow variants said, on one thread of low priority, so that no loop spends time on
// it: the only work of a gateway that may wait. Offer: any thread, never waits. What does not fit is dropped and counted.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "gateway/call.h"
#include "gateway/variant_counters.h"

namespace smhost {

struct PairedAnswer {
  bool there = false;
  int status = 0;      // the model's
  bool whole = false;  // the body is here: it had at most limits::kShadowComparedBytes
  std::string content_type, body;

  // Takes what is to be compared of an answer, copying its body.
  static PairedAnswer Of(const Frame& response);
};

// One request's two answers. Filled by one loop, and not touched again once both are there.
struct ShadowPair {
  PairedAnswer caller, shadow;
  VariantCounters counters;  // the shadow's

  bool Complete() const { return caller.there && shadow.there; }
};

// Pure; bodies are compared where both are here.
ShadowComparison Compared(const ShadowPair& pair);

class ShadowComparer {
 public:
  ShadowComparer() = default;
  ~ShadowComparer();  // what waits is not compared
  ShadowComparer(const ShadowComparer&) = delete;

  void Offer(std::shared_ptr<const ShadowPair> pair);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const ShadowPair>> waiting_;  // guarded by mutex_, as the next two
  bool stopping_ = false;
  std::thread thread_;  // from the first pair on
};

}  // namespace smhost
