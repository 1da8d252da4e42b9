// One invocation on its way to an instance and back. Made by the connection, owned together with the dispatcher; all on
// one loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/variant_counters.h"
#include "wire/frame.h"

namespace smhost {

struct VariantMetrics;
struct DispatcherVariant;
struct DispatcherInstance;
struct ShadowPair;

// How a call ended.
struct CallOutcome {
  enum class Kind {
    kAnswered,    // `response` is the instance's
    kLost,        // the instance ended, or spoke nonsense, before it answered, and the variant allows no replay
    kTimedOut,    // the response time was over: in the queue or at the instance
    kNoEndpoint,  // no such endpoint, or it went away
    kNoVariant,   // the variant asked for does not exist, or went away
    kNoTraffic,   // no variant has a weight above zero
    kNoSession,   // its session's instance is there no more
    kQueueFull,
    kPoison,      // two instances ended before they answered it
    kPoisonAgain, // it is the same as such a one
    kStopping,    // the gateway ends
  };
  Kind kind = Kind::kAnswered;
  Frame response;
  std::string variant;           // that took the call; empty: none did
  std::string digest;            // of the model that answered
  std::string instance;          // likewise
  std::string request_digest;    // of kPoison and kPoisonAgain
  Duration queued{};             // from arrival to the instance
  std::shared_ptr<VariantMetrics> metrics;  // of that variant; may be null
  VariantCounters counters;                 // likewise
};

class Call {
 public:
  virtual ~Call() = default;
  // Once, unless the call is cancelled first. May submit other calls.
  virtual void Done(CallOutcome outcome) = 0;
  // A part of the answer, of kAnswered; more follow, and Done ends it, with the last part or with how it broke off. Only
  // where `window` is above zero; once there was a part, the call runs nowhere else. May cancel the call.
  virtual void Part(CallOutcome) {}

  std::string account, endpoint;
  std::string wanted_variant;  // empty: by weight
  std::string session;         // as its client said it: an id, NEW_SESSION, or nothing
  std::string wanted_instance; // that has the session; empty: any
  std::string content_type, accept, custom_attributes;
  std::string body;            // unchanged until the call is done: it may be sent again
  MonotonicTime arrived{}, deadline{}, sent{};
  std::size_t window = 0;      // bytes of the answer's parts that may come before a Grant; 0: the answer is one

 private:
  friend class Dispatcher;
  std::shared_ptr<DispatcherVariant> variant_;  // that it waits for or was sent by; null: the dispatcher does not have it
  DispatcherInstance* instance_ = nullptr;      // that owes the answer; null: it waits
  bool suspect_ = false;                        // an instance ended while it owed the answer …
  std::string lost_with_;                       // … this one
  bool begun_ = false;                          // a part of its answer was given to it
  std::int64_t room_ = 0;                       // of its window: what may come still
  bool sampled_ = false;                        // it was decided which shadows get a copy
  bool copy_ = false;                           // it is such a copy
  std::vector<std::shared_ptr<ShadowPair>> pairs_;  // its answer is compared with these shadows'
};

}  // namespace smhost
