// The half of a connection that answers: whole answers and those in pieces, and their way onto the wire.
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/limits.h"
#include "gateway/connection.h"

namespace smhost {
namespace {

constexpr std::size_t kJoinedBodyBytes = 16 * 1024;  // up to here a copy is cheaper than a second part of the write

}  // namespace

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

}  // namespace smhost
