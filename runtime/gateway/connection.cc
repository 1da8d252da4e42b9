#include "gateway/connection.h"

#include <algorithm>
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

constexpr int kReadsAtOnce = 4;  // then the others get their turn

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
