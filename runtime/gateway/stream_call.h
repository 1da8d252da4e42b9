// One invocation whose answer goes to its client in parts, as they come from the instance
// (InvokeEndpointWithResponseStream). Belongs to one loop. What waits for a client that reads slowly is bounded: the
// instance sends further parts only when earlier ones are written.
//
//   waits ──an error before the first part──► an answer as InvokeEndpoint's ──► gone
//     └──first part──► streaming ──last part, or an exception event──► gone          client gone, at any time: cancelled
#pragma once

#include <memory>
#include <string>

#include "gateway/call.h"
#include "gateway/http_response.h"
#include "gateway/loop_core.h"
#include "gateway/stream_source.h"

namespace smhost {

class StreamCall final : public Call, public StreamSource, public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(LoopCore& core, Connection& connection, std::uint64_t number, std::size_t held_bytes);

  // Gives back the room that the request's body took.
  void Release();

  void Part(CallOutcome part) override;
  void Done(CallOutcome outcome) override;

  void Body(std::string) override {}  // the body is there before this is
  void BodyEnd() override {}
  bool BodyFull() const override { return false; }
  void Resume() override;
  void CheckTime(MonotonicTime) override {}  // the dispatcher ends it when its deadline comes
  void Close() override;

 private:
  bool Begin(CallOutcome& outcome, HttpAnswer& refusal);
  void Write(std::string_view bytes);

  LoopCore& core_;
  Connection& connection_;  // outlives this as far as it is called: Close comes first
  const std::uint64_t number_;
  std::size_t held_bytes_;
  std::size_t given_ = 0;   // bytes of parts given to the connection and not granted anew
  bool begun_ = false;
  std::string model_us_;    // as the first part said it
  std::string events_;
};

}  // namespace smhost
