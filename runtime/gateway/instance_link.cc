#include "gateway/instance_link.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.h"
#include "base/log.h"
#include "base/sockets.h"

namespace smhost {
namespace {

constexpr std::size_t kJoinedBodyBytes = 16 * 1024;  // up to here a copy is cheaper than a second part of the write

}  // namespace

InstanceLink::InstanceLink(LoopCore& core, std::string instance)
    : core_(core), instance_(std::move(instance)), socket_(core.io), retry_timer_(core.io), retry_delay_(limits::kReconnectFirst),
      buffer_(64 * 1024) {}

void InstanceLink::Start() {
  // Not at once: whoever opens a port does not expect it to speak before the call returns.
  asio::post(core_.io, [self = shared_from_this()] { self->Connect(); });
}

void InstanceLink::Connect() {
  if (closed_) return;
  auto connected = ConnectUnix(core_.home.InstanceSocket(instance_), SocketKind::kStream);
  ErrorCode error;
  if (connected) socket_.assign(asio::generic::stream_protocol(AF_UNIX, 0), connected->get(), error);
  if (!connected || error) {
    std::string why = connected ? error.message() : connected.error().message;
    if (!complained_) {
      spdlog::warn("instance {}: {}; trying again", instance_, why);
      core_.dispatcher.OnLost(instance_);
    }
    complained_ = true;
    if (!closed_) RetryLater();
    return core_.Settle();
  }
  connected->Release();
  ++life_;
  reader_ = FrameReader();
  greeted_ = false;
  Read();
}

void InstanceLink::RetryLater() {
  retry_timer_.expires_after(retry_delay_);
  retry_delay_ = std::min<Duration>(retry_delay_ * 2, limits::kReconnectLast);
  retry_timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->Connect();
  });
}

// --- reading

void InstanceLink::Read() {
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this(), life = life_](const ErrorCode& error, std::size_t count) {
    if (life == self->life_ && !self->closed_) self->OnRead(error, count);
  });
}

void InstanceLink::OnRead(const ErrorCode& error, std::size_t count) {
  if (error) {
    Lose(greeted_ ? "the connection ended" : "the connection ended before the instance said that it is ready");
    return core_.Settle();
  }
  auto life = life_;
  reader_.Feed({buffer_.data(), count});
  while (true) {
    auto next = reader_.Next(frame_);
    if (!next) {
      Lose(next.error().message);
      break;
    }
    if (!*next) break;
    if (!Handle(frame_)) break;
    if (closed_ || life != life_) break;
  }
  if (!closed_ && life == life_) Read();
  core_.Settle();
}

bool InstanceLink::Handle(Frame& frame) {
  if (!greeted_) return HandleHello(frame);
  if (frame.type != FrameType::kResponse) {
    Lose("it sent a frame of type " + std::to_string(static_cast<int>(frame.type)) + " where only responses belong");
    return false;
  }
  auto id = frame.id;
  if (core_.dispatcher.OnAnswer(instance_, frame)) {
    retry_delay_ = limits::kReconnectFirst;
    return true;
  }
  Lose("it answered request " + std::to_string(id) + ", which nobody waits for, or in parts that were not asked for");
  return false;
}

bool InstanceLink::HandleHello(const Frame& frame) {
  bool ready = frame.Get(frame_key::kState) == "ready";
  if (frame.type != FrameType::kHello || frame.Get(frame_key::kInstance) != instance_ || !ready) {
    Lose(frame.type != FrameType::kHello ? "its first frame is no hello"
         : !ready                        ? "it is not ready: " + std::string(frame.Get(frame_key::kError).substr(0, 512))
                                         : "it calls itself " + std::string(frame.Get(frame_key::kInstance).substr(0, 64)));
    return false;
  }
  greeted_ = true;
  if (complained_) spdlog::info("instance {}: connected", instance_);
  complained_ = false;
  core_.dispatcher.OnReady(instance_, std::string(frame.Get(frame_key::kDigest)));
  return true;
}

// --- writing

std::string& InstanceLink::Tail() {
  if (parts_.empty() || parts_.back().call) parts_.emplace_back();
  return parts_.back().bytes;
}

void InstanceLink::Send(std::uint64_t id, std::shared_ptr<Call> call) {
  Frame frame;
  frame.type = FrameType::kRequest;
  frame.id = id;
  frame.meta.reserve(5);
  if (!call->content_type.empty()) frame.Set(frame_key::kContentType, call->content_type);
  if (!call->accept.empty()) frame.Set(frame_key::kAccept, call->accept);
  if (!call->custom_attributes.empty()) frame.Set(frame_key::kCustomAttributes, call->custom_attributes);
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call->deadline - call->sent).count();
  frame.Set(frame_key::kDeadlineMs, std::to_string(std::max<std::int64_t>(left, 1)));
  if (call->window > 0) frame.Set(frame_key::kStream, std::to_string(call->window));
  if (!call->session.empty()) frame.Set(frame_key::kSession, call->session);
  AppendFrameHead(frame, call->body.size(), Tail());
  if (call->body.size() <= kJoinedBodyBytes)
    Tail() += call->body;
  else
    parts_.push_back({{}, std::move(call)});
  MarkDirty();
}

void InstanceLink::Cancel(std::uint64_t id) {
  if (!greeted_ || closed_) return;
  Frame frame;
  frame.type = FrameType::kCancel;
  frame.id = id;
  AppendFrame(frame, Tail());
  MarkDirty();
}

void InstanceLink::Grant(std::uint64_t id, std::size_t bytes) {
  if (!greeted_ || closed_) return;
  Frame frame;
  frame.type = FrameType::kGrant;
  frame.id = id;
  frame.Set(frame_key::kBytes, std::to_string(bytes));
  AppendFrame(frame, Tail());
  MarkDirty();
}

void InstanceLink::MarkDirty() {
  if (!dirty_) core_.Dirty(shared_from_this());
  dirty_ = true;
}

void InstanceLink::Flush() {
  dirty_ = false;
  if (closed_ || writing_ || !socket_.is_open()) return;
  while (!parts_.empty()) {
    constexpr std::size_t kParts = 32;
    iovec vectors[kParts];
    std::size_t count = 0;
    for (const auto& part : parts_) {
      if (count == kParts) break;
      auto view = part.view();
      if (count == 0) view.remove_prefix(written_);
      vectors[count++] = {const_cast<char*>(view.data()), view.size()};
    }
    msghdr message{};
    message.msg_iov = vectors;
    message.msg_iovlen = count;
    ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return WaitWritable();
    if (sent < 0) return;  // the reading side learns it too, after the answers that are still there
    written_ += static_cast<std::size_t>(sent);
    while (!parts_.empty() && written_ >= parts_.front().view().size()) {
      written_ -= parts_.front().view().size();
      parts_.pop_front();
    }
  }
}

void InstanceLink::WaitWritable() {
  writing_ = true;
  socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this(), life = life_](const ErrorCode& error) {
    if (life != self->life_ || self->closed_) return;
    self->writing_ = false;
    if (!error) self->Flush();
  });
}

// --- end

void InstanceLink::Lose(const std::string& why) {
  auto self = shared_from_this();
  ++life_;
  greeted_ = writing_ = false;
  parts_.clear();
  written_ = 0;
  ErrorCode ignored;
  socket_.close(ignored);
  if (!complained_) spdlog::warn("instance {}: {}", instance_, why);
  complained_ = true;
  core_.dispatcher.OnLost(instance_);
  if (!closed_) RetryLater();
}

void InstanceLink::Close() {
  closed_ = true;
  ++life_;
  parts_.clear();
  ErrorCode ignored;
  socket_.close(ignored);
  retry_timer_.cancel();
}

}  // namespace smhost
