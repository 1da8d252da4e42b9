#include "gateway/stream_call.h"

#include <utility>

#include "base/limits_api.h"
#include "gateway/call_count.h"
#include "gateway/connection.h"
#include "gateway/invocation.h"
#include "gateway/invocation_stream.h"
#include "gateway/session.h"
#include "wire/event_stream.h"

namespace smhost {

StreamCall::StreamCall(LoopCore& core, Connection& connection, std::uint64_t number, std::size_t held_bytes)
    : core_(core), connection_(connection), number_(number), held_bytes_(held_bytes) {
  window = limits::kStreamWindowBytes;
}

void StreamCall::Release() { core_.ReleaseBytes(std::exchange(held_bytes_, 0)); }

// False: the answer cannot be begun; `refusal` is to be sent instead.
bool StreamCall::Begin(CallOutcome& outcome, HttpAnswer& refusal) {
  refusal = Respond(*this, outcome, core_.region);
  if (refusal.status != 200) return false;
  if (!session.empty()) AddSession(*this, outcome, core_.UnixTime(), core_.NewRequestId(), refusal);
  begun_ = true;
  model_us_ = outcome.response.Get(frame_key::kModelUs);
  outcome.response.body = std::move(refusal.body);
  connection_.BeginStream(number_, StreamAnswerHead(std::move(refusal)));
  return true;
}

void StreamCall::Write(std::string_view bytes) {
  given_ += bytes.size();
  events_.clear();
  AppendPayloadParts(bytes, events_);
  connection_.StreamPiece(number_, events_);
}

void StreamCall::Part(CallOutcome part) {
  HttpAnswer refusal;
  if (begun_ || Begin(part, refusal)) return Write(part.response.body);
  Release();
  CountCall(part, refusal, arrived, core_.Now());
  core_.dispatcher.Cancel(shared_from_this());
  connection_.Finish(number_, std::move(refusal));
}

void StreamCall::Done(CallOutcome outcome) {
  auto self = shared_from_this();  // the slot forgets it
  Release();
  HttpAnswer answer;
  if (!begun_ && !Begin(outcome, answer)) {
    CountCall(outcome, answer, arrived, core_.Now());
    return connection_.Finish(number_, std::move(answer));
  }
  if (outcome.response.Get(frame_key::kModelUs).empty()) outcome.response.Set(frame_key::kModelUs, model_us_);
  if (auto fault = StreamFaultOf(outcome)) {
    answer.status = 424;  // counted as the failure it is, though the client has a 200
    events_.clear();
    AppendStreamException(fault->type, fault->body, events_);
    connection_.StreamPiece(number_, events_);
  } else {
    answer.status = 200;
    Write(outcome.response.body);
  }
  CountCall(outcome, answer, arrived, core_.Now());
  connection_.EndStream(number_, true);
}

void StreamCall::Resume() {
  if (given_ < limits::kStreamWindowBytes / 4 || connection_.StreamFull()) return;
  core_.dispatcher.Grant(shared_from_this(), std::exchange(given_, 0));
}

void StreamCall::Close() {
  Release();
  core_.dispatcher.Cancel(shared_from_this());
}

}  // namespace smhost
