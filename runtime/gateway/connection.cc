#include "gateway/connection.h"

#include <sys/uio.h>

#include <algorithm>
#include <charconv>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "gateway/api_call.h"
#include "gateway/call_count.h"
#include "gateway/invocation.h"
#include "gateway/public_access.h"
#include "gateway/session.h"
#include "gateway/stream_call.h"

namespace smhost {
namespace {

constexpr std::size_t kJoinedBodyBytes = 16 * 1024;  // up to here a copy is cheaper than a second part of the write
constexpr int kReadsAtOnce = 4;                      // then the others get their turn

}  // namespace

// The connection outlives it as far as Done is concerned: Close cancels it first.
class Connection::Invocation final : public Call {
 public:
  Invocation(Connection& connection, std::uint64_t number, std::size_t held_bytes)
      : core_(connection.core_), connection_(connection), number_(number), held_bytes_(held_bytes) {}

  void Done(CallOutcome outcome) override {
    Release();
    HttpAnswer response = Respond(*this, outcome, core_.region);
    if (!session.empty()) AddSession(*this, outcome, core_.UnixTime(), core_.NewRequestId(), response);
    CountCall(outcome, response, arrived, core_.Now());
    if (open_path) response = AnswerPublic(open_path->route, origin, outcome.kind, std::move(response));
    connection_.Finish(number_, std::move(response));
  }

  void Release() {
    core_.ReleaseBytes(held_bytes_);
    held_bytes_ = 0;
  }

  std::shared_ptr<const OpenPath> open_path;  // that it came by; null: it is signed
  std::string origin;                         // then: the page's that asks

 private:
  LoopCore& core_;
  Connection& connection_;
  const std::uint64_t number_;
  std::size_t held_bytes_;
};

Connection::Connection(LoopCore& core, StreamSocket socket, Origin origin, bool https_required)
    : core_(core), transport_(std::move(socket)), origin_(origin), https_required_(https_required), phase_since_(core.Now()) {}

void Connection::Start() {
  place_ = core_.Add(shared_from_this());
  StartRead();
}

// --- reading

void Connection::StartRead() {
  if (reading_ || state_ == State::kClosed || client_ended_ || !pending_.empty()) return;
  if (state_ == State::kOpen && !reader_.InRequest() && Full()) return;
  if (StreamSource* taker = BodyTaker(); taker != nullptr && taker->BodyFull()) return;
  reading_ = true;
  transport_.AsyncRead(asio::buffer(buffer_), [self = shared_from_this()](const ErrorCode& error, std::size_t count) {
    self->OnRead(error, count);
  });
}

void Connection::OnRead(const ErrorCode& error, std::size_t count) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  if (error) {
    OnClientEnd(error != asio::error::eof);
    return core_.Settle();
  }
  Take({buffer_.data(), count});
  bool full = count == buffer_.size();
  for (int i = 0; i < kReadsAtOnce && full && state_ != State::kClosed && !client_ended_ && pending_.empty(); ++i) {
    auto& room = core_.scratch();
    ssize_t more = transport_.Read(room.data(), room.size());
    if (more <= 0) break;  // an end or an error comes again with the next read
    Take({room.data(), static_cast<std::size_t>(more)});
    full = static_cast<std::size_t>(more) == room.size();
  }
  if (state_ != State::kClosed && !transport_.SendRest() && !writing_) WaitWritable();
  StartRead();
  core_.Settle();
}

// The client sends nothing more. Whoever ends before the answer has come does not wait for it.
void Connection::OnClientEnd(bool failed) {
  client_ended_ = true;
  bool waits = false;
  for (const auto& slot : slots_) waits = waits || !slot.done;
  if (failed || state_ == State::kLingering || slots_.empty() || waits) return Close();
  state_ = State::kLastAnswer;
  slots_.back().close = true;
}

// The first byte tells TLS, whose handshake opens with 0x16, from HTTP, which opens with a letter.
void Connection::Begin(char first) {
  begun_ = true;
  if (origin_ != Origin::kTcp) return;
  if (first == 0x16 && core_.tls) {
    transport_.StartTls(*core_.tls);
    phase_since_ = core_.Now();
  } else if (https_required_) {
    slots_.emplace_back();
    RefuseNewest(ErrorResponse(400, "ValidationError", "HTTPS is required from beyond this machine; use https:// and trust the authority that `smhost trust` shows."));
  }
}

void Connection::Take(std::string_view bytes) {
  if (!begun_) Begin(bytes.front());
  auto client = transport_.Decode(bytes, core_.plain_scratch());
  if (state_ == State::kOpen && !bytes.empty()) Consume(bytes);  // else: behind the last request, nobody wants it
  if (client != Transport::State::kOpen && state_ != State::kClosed) OnTlsEnd(client);
}

void Connection::OnTlsEnd(Transport::State end) {
  if (end == Transport::State::kEnded) return OnClientEnd(false);
  client_ended_ = true;
  if (!slots_.empty() || state_ != State::kOpen) return Close();
  // The alert that says why is on its way; closed at once, it might be thrown away.
  transport_.ShutdownSend();
  client_ended_ = false;
  state_ = State::kLingering;
  phase_since_ = core_.Now();
}

bool Connection::Full() const {
  return slots_.size() >= limits::kPipelinedRequests || unsent_bytes_ > limits::kUnsentResponseBytes;
}

void Connection::Consume(std::string_view bytes) {
  while (state_ == State::kOpen) {
    if (!reader_.InRequest() && Full()) {
      pending_ = std::string(bytes);
      return;
    }
    bool began = reader_.InRequest();
    switch (reader_.Feed(bytes)) {
      case HttpReader::Event::kMore:
        if (reader_.InRequest() && !began) phase_since_ = core_.Now();
        if (BodyTaker() != nullptr)
          PassBody();
        else if (reader_.InRequest() && !reader_.InHead() && !HoldBody(reader_.request().body.size()))
          RefuseNewest(NoRoom());
        return;
      case HttpReader::Event::kHead:
        OnHead();
        break;
      case HttpReader::Event::kRequest:
        OnRequest();
        break;
      case HttpReader::Event::kRefused:
        if (reader_.InHead()) slots_.emplace_back();  // else its head was told, and OnHead made one
        RefuseNewest(RefusalResponse(reader_.refusal()));
        return;
    }
  }
}

bool Connection::HoldBody(std::size_t bytes) {
  if (bytes <= held_bytes_) return true;
  if (!core_.HoldBytes(bytes - held_bytes_)) return false;
  held_bytes_ = bytes;
  return true;
}

// --- requests

void Connection::OnHead() {
  phase_since_ = core_.Now();
  const HttpRequest& request = reader_.request();
  Slot& slot = slots_.emplace_back();
  slot.http11 = request.http11;
  slot.head_only = request.method == "HEAD";
  slot.close = !request.keep_alive;
  service_ = ServiceOf(request, core_.public_routes.get());
  auto refusal = AdmitNewest();
  const bool api = service_ == Service::kApi;
  if (!refusal && api) PassToApi(slot);
  if (!refusal && !api && !HoldBody(request.content_length.value_or(0)))
    refusal = NoRoom();
  if (refusal) return RefuseNewest(std::move(*refusal));
  bool has_body = request.chunked || request.content_length.value_or(0) > 0;
  if (!request.expects_continue || !has_body) return;
  if (!api && request.content_length.value_or(0) > limits::kRequestBodyBytes) return;  // refused with the next look
  slot.head = "HTTP/1.1 100 Continue\r\n\r\n";
  unsent_bytes_ += slot.head.size();
  Touch();
}

// For the body of the request that is read.
HttpAnswer Connection::NoRoom() const {
  if (open_path_) return AnswerPublic(open_path_->route, reader_.request().Get("origin"), CallOutcome::Kind::kQueueFull, {503, {}, {}, {}});
  return ErrorResponse(503, "ServiceUnavailable", "Too many request bodies are in memory; try again later.");
}

std::optional<HttpAnswer> Connection::AdmitNewest() {
  const HttpRequest& request = reader_.request();
  open_path_.reset();
  early_answer_.reset();
  if (service_ != Service::kPublic) return Admit(request, origin_, core_.Keys());
  open_path_ = core_.public_routes->Find(PathOf(request.target));
  auto refusal = AdmitPublic(request, *open_path_, core_.Now());
  // The connection outlives a refusal whose body is cheaper to take than a connection is to make.
  const bool small = !request.chunked && request.content_length.value_or(0) <= limits::kRefusedBodyBytes && !request.expects_continue;
  if (!refusal || !small) return refusal;
  early_answer_ = std::move(refusal);
  return std::nullopt;
}

// Everything but invocations is served by the API process.
void Connection::PassToApi(Slot& slot) {
  HttpRequest& request = reader_.request();
  slot.request_id = core_.NewRequestId();
  ApiRequestHead head{request, request.chunked ? std::nullopt : request.content_length, origin_ == Origin::kUnix, transport_.tls(), slot.request_id};
  auto call = std::make_shared<ApiCall>(core_, *this, NewestNumber(), head);
  slot.source = call;
  reader_.StreamBody();
  call->Start();
}

// Of the request that is being read; null where its body is gathered.
StreamSource* Connection::BodyTaker() {
  return state_ == State::kOpen && reader_.InRequest() && !reader_.InHead() && !slots_.empty() ? slots_.back().source.get() : nullptr;
}

void Connection::PassBody() {
  std::string& body = reader_.request().body;
  phase_since_ = core_.Now();
  if (body.empty()) return;
  slots_.back().source->Body(std::exchange(body, {}));
}

void Connection::OnRequest() {
  phase_since_ = core_.Now();
  HttpRequest& request = reader_.request();
  std::uint64_t number = NewestNumber();
  if (slots_.back().close) state_ = State::kLastAnswer;
  if (auto& source = slots_.back().source) {
    if (!request.body.empty()) source->Body(std::exchange(request.body, {}));
    return source->BodyEnd();
  }
  if (service_ == Service::kInvocation) return Invoke(request);
  if (service_ == Service::kPublic && !early_answer_) return InvokePublic(request);
  core_.ReleaseBytes(held_bytes_);
  held_bytes_ = 0;
  if (early_answer_) return Finish(number, std::move(*std::exchange(early_answer_, std::nullopt)));
  if (service_ == Service::kPing) return Finish(number, {});
  if (service_ == Service::kMetrics) return SendMetrics();
  auto caller = Identify(request, origin_, core_.Keys());
  Finish(number, caller ? NotServed(request) : std::move(caller.error()));
}

void Connection::Invoke(HttpRequest& request) {
  auto path = MatchEndpointPath(PathOf(request.target));
  if (path->operation == kStreamOperation) {
    auto call = std::make_shared<StreamCall>(core_, *this, NewestNumber(), held_bytes_);
    if (!TakeOver(request, *path, *call, core_.options.stream_timeout)) return;
    slots_.back().source = call;
    slots_.back().request_id = core_.NewRequestId();
    return core_.dispatcher.Submit(std::move(call));
  }
  auto call = std::make_shared<Invocation>(*this, NewestNumber(), held_bytes_);
  if (!TakeOver(request, *path, *call, core_.options.response_timeout)) return;
  slots_.back().invocation = call;
  core_.dispatcher.Submit(std::move(call));
}

void Connection::InvokePublic(HttpRequest& request) {
  auto call = std::make_shared<Invocation>(*this, NewestNumber(), held_bytes_);
  Own(*call, core_.options.response_timeout);
  call->open_path = std::move(open_path_);
  call->origin = request.Get("origin");
  if (auto refusal = ReadPublic(request, call->open_path->route, *call)) {
    call->Release();
    return Finish(NewestNumber(), std::move(*refusal));
  }
  slots_.back().invocation = call;
  core_.dispatcher.Submit(std::move(call));
}

// The call has what was held for the body.
template <typename CallType>
void Connection::Own(CallType& call, Duration patience) {
  held_bytes_ = 0;
  call.arrived = phase_since_;
  call.deadline = phase_since_ + patience;
}

// False: the request is refused, and answered.
template <typename CallType>
bool Connection::TakeOver(HttpRequest& request, const EndpointPath& path, CallType& call, Duration patience) {
  Own(call, patience);
  auto refusal = Prepare(request, path, call);
  if (!refusal) return true;
  call.Release();
  Finish(NewestNumber(), std::move(*refusal));
  return false;
}

// Who calls, what for, and may they?
std::optional<HttpAnswer> Connection::Prepare(HttpRequest& request, const EndpointPath& path, Call& call) {
  auto caller = Identify(request, origin_, core_.Keys());
  if (!caller) return std::move(caller.error());
  call.account = caller->account;
  const std::string operation(path.operation);
  if (auto refusal = ReadInvocation(request, path, core_.UnixTime(), call)) return refusal;
  if (auto refusal = Permit(*caller, operation, core_.region, call.endpoint)) return refusal;
  if (operation != kAsyncOperation) return std::nullopt;
  return RefuseAsync(call, core_.dispatcher.ServesEndpoint(call.account, call.endpoint));
}

void Connection::SendMetrics() {
  std::uint64_t number = NewestNumber();
  core_.reports.gather_metrics([self = shared_from_this(), number](const MetricsSnapshot& sum) {
    if (self->state_ == State::kClosed) return;
    self->Finish(number, {200, "text/plain; version=0.0.4; charset=utf-8", {}, PrometheusText(sum)});
    self->core_.Settle();
  });
}

// Answers the request that is being read, which is the last one of this connection then.
void Connection::RefuseNewest(HttpAnswer response) {
  core_.ReleaseBytes(held_bytes_);
  held_bytes_ = 0;
  state_ = State::kLastAnswer;
  Slot& slot = slots_.back();
  slot.close = true;
  if (slot.source) slot.source->Close();
  if (slot.begun) return EndStream(NewestNumber(), false);
  Finish(NewestNumber(), std::move(response));
}

// The answer's last byte is settled: does anything come after it?
void Connection::End(Slot& slot) {
  bool newest = &slot == &slots_.back();
  if (newest && reader_.InRequest()) slot.close = true;  // who is answered early need not be heard to the end
  if (core_.draining && newest && pending_.empty()) slot.close = true;
  if (slot.close) state_ = State::kLastAnswer;
}

void Connection::Touch() {
  if (!dirty_) core_.Dirty(shared_from_this());
  dirty_ = true;
}

void Connection::Finish(std::uint64_t number, HttpAnswer response) {
  Slot& slot = SlotOf(number);
  End(slot);
  std::string id = slot.request_id.empty() ? core_.NewRequestId() : std::move(slot.request_id);
  std::size_t before = slot.head.size();
  slot.head.reserve(before + 512 + (response.body.size() <= kJoinedBodyBytes ? response.body.size() : 0));
  AppendResponseHead(response, {slot.http11, slot.close, id, core_.Date()}, slot.head);
  if (slot.head_only) response.body.clear();
  if (response.body.size() <= kJoinedBodyBytes)
    slot.head += response.body;
  else
    slot.body = std::move(response.body);
  slot.done = true;
  slot.invocation.reset();
  slot.source.reset();
  unsent_bytes_ += slot.head.size() - before + slot.body.size();
  core_.CountResponse(response.status);
  Touch();
}

// --- answers in pieces

void Connection::BeginStream(std::uint64_t number, StreamHead head) {
  Slot& slot = SlotOf(number);
  bool body = !slot.head_only && MayHaveBody(head.status);
  slot.begun = true;
  slot.chunked = body && !head.length && slot.http11;
  if (!head.length && !slot.http11) slot.close = true;  // its end is the body's
  slot.left = body ? head.length : std::optional<std::uint64_t>(0);
  std::size_t before = slot.head.size();
  AppendStreamHead(head, {slot.http11, slot.close, slot.request_id, core_.Date()}, slot.head);
  unsent_bytes_ += slot.head.size() - before;
  core_.CountResponse(head.status);
  Touch();
}

void Connection::StreamPiece(std::uint64_t number, std::string_view bytes) {
  Slot& slot = SlotOf(number);
  if (bytes.empty()) return;
  if (slot.left) {
    bytes = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), *slot.left)));
    *slot.left -= bytes.size();
  }
  std::size_t before = slot.body.size();
  if (slot.chunked) {
    char size[20];
    auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
    slot.body.append(size, end).append("\r\n").append(bytes).append("\r\n");
  } else {
    slot.body.append(bytes);
  }
  unsent_bytes_ += slot.body.size() - before;
  Touch();
}

void Connection::EndStream(std::uint64_t number, bool whole) {
  Slot& slot = SlotOf(number);
  if (!whole || slot.left.value_or(0) != 0) return Close();
  if (slot.chunked) {
    slot.body += "0\r\n\r\n";
    unsent_bytes_ += 5;
  }
  End(slot);
  slot.done = true;
  slot.source.reset();
  Touch();
}

// --- writing

void Connection::Flush() {
  dirty_ = false;
  if (state_ == State::kClosed || writing_) return;
  if (!transport_.SendRest()) return WaitWritable();
  constexpr int kParts = 2 * static_cast<int>(limits::kPipelinedRequests);
  iovec parts[kParts];
  Written(0);  // an answer in pieces may have ended without another byte
  while (int count = Gather(parts)) {
    ssize_t sent = transport_.Write(parts, count);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return WaitWritable();
    if (sent < 0) return Close();
    Written(static_cast<std::size_t>(sent));
  }
  AfterWrites();
}

int Connection::Gather(iovec* parts) const {
  int count = 0;
  for (const auto& slot : slots_) {
    std::size_t head_left = slot.head.size() - std::min(slot.written, slot.head.size());
    std::size_t body_written = slot.written - (slot.head.size() - head_left);
    if (head_left != 0) parts[count++] = {const_cast<char*>(slot.head.data()) + slot.head.size() - head_left, head_left};
    if (slot.body.size() > body_written)
      parts[count++] = {const_cast<char*>(slot.body.data()) + body_written, slot.body.size() - body_written};
    if (!slot.done || count > 2 * static_cast<int>(limits::kPipelinedRequests) - 2) break;
  }
  return count;
}

void Connection::Written(std::size_t count) {
  unsent_bytes_ -= count;
  while (!slots_.empty()) {
    Slot& slot = slots_.front();
    std::size_t all = slot.head.size() + slot.body.size();
    std::size_t step = std::min(count, all - slot.written);
    slot.written += step;
    count -= step;
    if (slot.written == all && !slot.done && slot.begun) {
      slot.head.clear();
      slot.body.clear();
      slot.written = 0;
    }
    if (slot.written < all || !slot.done) return;
    slots_.pop_front();
    ++first_number_;
  }
}

void Connection::WaitWritable() {
  writing_ = true;
  write_since_ = core_.Now();
  transport_.AsyncWaitWritable([self = shared_from_this()](const ErrorCode& error) {
    self->writing_ = false;
    if (self->state_ == State::kClosed) return;
    if (error) return self->Close();
    self->Flush();
    self->core_.Settle();
  });
}

void Connection::AfterWrites() {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (auto source = slots_[i].source) source->Resume();
  if (state_ == State::kLastAnswer && slots_.empty()) {
    if (client_ended_) return Close();
    // Closed at once, what the client still sends would make the kernel throw the answer away.
    transport_.ShutdownSend();
    state_ = State::kLingering;
    phase_since_ = core_.Now();
  } else if (state_ == State::kOpen) {
    if (slots_.empty() && !reader_.InRequest()) phase_since_ = core_.Now();
    if (!pending_.empty() && !Full()) Consume(std::exchange(pending_, {}));
  }
  StartRead();
}

// --- time and end

void Connection::CheckTime(MonotonicTime now) {
  const GatewayOptions& options = core_.options;
  for (std::size_t i = 0; i < slots_.size() && state_ != State::kClosed; ++i)
    if (auto source = slots_[i].source) source->CheckTime(now);
  if (state_ == State::kClosed) return;
  // Whoever is not read from cannot be late.
  if (StreamSource* taker = BodyTaker(); taker != nullptr && taker->BodyFull()) phase_since_ = now;
  Duration phase = now - phase_since_;
  if (state_ == State::kLingering) {
    if (phase > (core_.draining ? Duration(limits::kDrainLinger) : Duration(limits::kLingerTimeout))) Close();
  } else if (transport_.Handshaking()) {
    if (phase > options.header_timeout) Close();
  } else if (writing_) {
    if (now - write_since_ > options.write_timeout) Close();
  } else if (state_ == State::kOpen && reader_.InHead()) {
    if (phase > options.header_timeout) Close();
  } else if (state_ == State::kOpen && reader_.InRequest()) {
    if (phase > options.body_timeout) RefuseNewest(RefusalResponse({408, "The request's body did not come in time."}));
  } else if (slots_.empty()) {
    if (phase > (core_.draining ? std::min(options.idle_timeout, options.drain_idle) : options.idle_timeout)) Close();
  }
}

bool Connection::IdleFor(MonotonicTime now, Duration duration) const {
  return state_ == State::kOpen && slots_.empty() && !reader_.InRequest() && now - phase_since_ >= duration;
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  auto self = shared_from_this();  // the list may hold the last one
  state_ = State::kClosed;
  for (auto& slot : slots_) {
    if (slot.source) slot.source->Close();
    if (!slot.invocation) continue;
    slot.invocation->Release();
    core_.dispatcher.Cancel(slot.invocation);
  }
  slots_.clear();
  core_.ReleaseBytes(held_bytes_);
  held_bytes_ = 0;
  transport_.Close();
  core_.Remove(place_);
}

}  // namespace smhost
