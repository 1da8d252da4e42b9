// One client's connection: reads requests, hands invocations to the dispatcher, writes the answers in the order of the
// requests. Belongs to one loop for its whole life; every call is on that loop's thread.
//
//     open ──a request that is the last, a refusal──► last answer ──written──► lingering ──client ends, time──► closed
//       └───────────── idle too long, client gone, no progress ──────────────────────────────────────────────────┘
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits_api.h"
#include "gateway/admission.h"
#include "gateway/call.h"
#include "gateway/http_reader.h"
#include "gateway/http_response.h"
#include "gateway/invocation.h"
#include "gateway/loop_core.h"
#include "gateway/public_routes.h"
#include "gateway/stream_source.h"
#include "gateway/transport.h"

struct iovec;

namespace smhost {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `https_required`: from beyond this machine, whence nothing may come that others could read.
  Connection(LoopCore& core, StreamSocket socket, Origin origin, bool https_required);

  void Start();
  // Writes what can be written now. The core calls it at the end of a handler that called Finish.
  void Flush();
  // Ends what took too long.
  void CheckTime(MonotonicTime now);
  bool IdleFor(MonotonicTime now, Duration duration) const;
  // Cancels what is in flight.
  void Close();

  // --- for those who answer; `number` is the request's
  void Finish(std::uint64_t number, HttpAnswer response);
  // An answer in pieces: once Begin, then pieces, once End. `whole` false: the client must see that something is missing, so
  // the connection ends.
  void BeginStream(std::uint64_t number, StreamHead head);
  void StreamPiece(std::uint64_t number, std::string_view bytes);
  void EndStream(std::uint64_t number, bool whole);
  // So much waits to be written that no more should come; StreamSource::Resume tells when it may.
  bool StreamFull() const { return unsent_bytes_ > limits::kApiBufferedBytes; }
  void BodyRoom() { StartRead(); }

 private:
  class Invocation;
  enum class State { kOpen, kLastAnswer, kLingering, kClosed };

  // One request's place in the order of answers.
  struct Slot {
    bool done = false, close = false;  // close: nothing comes after it
    bool http11 = true, head_only = false;
    std::string head, body;            // to be written; the head may begin with "100 Continue"
    std::size_t written = 0;           // of both
    std::shared_ptr<Invocation> invocation;
    std::shared_ptr<StreamSource> source;  // where the answer, or the request's body, passes in pieces
    std::string request_id;                // then
    bool begun = false, chunked = false;   // its head is told; its pieces are chunks
    std::optional<std::uint64_t> left;     // bytes that must come still
  };

  void StartRead();
  void OnRead(const ErrorCode& error, std::size_t count);
  void OnClientEnd(bool failed);
  void Begin(char first);
  void Take(std::string_view bytes);
  void OnTlsEnd(Transport::State end);
  void Consume(std::string_view bytes);
  bool Full() const;
  bool HoldBody(std::size_t bytes);

  void OnHead();
  std::optional<HttpAnswer> AdmitNewest();
  HttpAnswer NoRoom() const;
  void OnRequest();
  void InvokePublic(HttpRequest& request);
  void Invoke(HttpRequest& request);
  std::optional<HttpAnswer> Prepare(HttpRequest& request, const EndpointPath& path, Call& call);
  void SendMetrics();
  void RefuseNewest(HttpAnswer response);
  StreamSource* BodyTaker();
  void PassBody();
  void PassToApi(Slot& slot);
  template <typename CallType>
  bool TakeOver(HttpRequest& request, const EndpointPath& path, CallType& call, Duration patience);
  template <typename CallType>
  void Own(CallType& call, Duration patience);
  std::uint64_t NewestNumber() const { return first_number_ + slots_.size() - 1; }
  Slot& SlotOf(std::uint64_t number) { return slots_[number - first_number_]; }
  void Touch();
  void End(Slot& slot);

  int Gather(iovec* parts) const;
  void Written(std::size_t count);
  void WaitWritable();
  void AfterWrites();

  LoopCore& core_;
  Transport transport_;
  const Origin origin_;
  const bool https_required_;
  std::list<std::shared_ptr<Connection>>::iterator place_;
  State state_ = State::kOpen;
  HttpReader reader_;
  Service service_ = Service::kApi;  // of the request that is read, as the next two
  std::shared_ptr<const OpenPath> open_path_;  // of kPublic
  std::optional<HttpAnswer> early_answer_;     // of kPublic: known by its head, given once its body is there
  std::string pending_;  // bytes not read further because too many requests wait
  std::deque<Slot> slots_;
  std::uint64_t first_number_ = 0;  // of slots_.front()
  std::size_t unsent_bytes_ = 0, held_bytes_ = 0;
  bool begun_ = false, reading_ = false, writing_ = false, dirty_ = false, client_ended_ = false;
  // When what is going on began: a TLS handshake, a head, a body, a pause, waiting to write or to be closed.
  MonotonicTime phase_since_{}, write_since_{};
  std::array<char, 8 * 1024> buffer_;
};

}  // namespace smhost
