#include "worker/part_sender.h"

#include <algorithm>
#include <new>

#include "worker/codec.h"

namespace smhost {
namespace {

constexpr std::uint64_t kMostRoom = 1u << 30;

}  // namespace

void PartSender::Open(const std::shared_ptr<ReplyPort>& port, std::uint64_t id, std::uint64_t window) {
  std::lock_guard lock(mutex_);
  Stream& stream = streams_[{port.get(), id}];
  stream.port = port;
  stream.room = static_cast<std::int64_t>(std::min(window, kMostRoom));
}

void PartSender::Grant(const ReplyPort* port, std::uint64_t id, std::uint64_t bytes) {
  std::unique_lock lock(mutex_);
  auto found = streams_.find({port, id});
  if (found == streams_.end()) return;
  auto& room = found->second.room;
  room = std::min<std::int64_t>(room + static_cast<std::int64_t>(std::min(bytes, kMostRoom)), kMostRoom);
  lock.unlock();
  Advance();
}

void PartSender::Cancel(const ReplyPort* port, std::uint64_t id) {
  std::lock_guard lock(mutex_);
  streams_.erase({port, id});
}

void PartSender::Drop(const ReplyPort* port) {
  std::lock_guard lock(mutex_);
  std::erase_if(streams_, [port](const auto& entry) { return entry.first.first == port; });
}

bool PartSender::OwesParts() {
  std::lock_guard lock(mutex_);
  return std::any_of(streams_.begin(), streams_.end(), [](const auto& entry) { return entry.second.parts != nullptr; });
}

void PartSender::Begin(const ReplyPort* port, std::uint64_t id, Frame first, std::shared_ptr<AnswerParts> rest) {
  std::unique_lock lock(mutex_);
  auto found = streams_.find({port, id});
  if (found == streams_.end()) return;
  found->second.first = std::move(first);
  found->second.parts = std::move(rest);
  lock.unlock();
  on_work_();
}

void PartSender::Advance() {
  std::lock_guard lock(mutex_);
  for (auto entry = streams_.begin(); entry != streams_.end();) {
    bool ended = entry->second.parts != nullptr && Send(entry->first.second, entry->second);
    entry = ended ? streams_.erase(entry) : std::next(entry);
  }
}

// True: the last part is sent.
bool PartSender::Send(std::uint64_t id, Stream& stream) {
  std::string bytes;
  bool ended = false;
  while (!ended && (stream.room > 0 || !stream.first_sent)) {
    Frame frame = stream.first_sent ? NextPart(stream) : std::move(stream.first);
    stream.first_sent = true;
    frame.type = FrameType::kResponse;
    frame.id = id;
    ended = frame.Get(frame_key::kMore).empty();
    stream.room -= static_cast<std::int64_t>(frame.body.size());
    AppendFrame(frame, bytes);
  }
  if (!bytes.empty()) stream.port->Send(std::move(bytes));
  return ended;
}

Frame PartSender::NextPart(Stream& stream) {
  Frame frame;
  auto& items = stream.parts->list.items;
  auto fail = [&frame](int status, const std::string& message) {
    frame.Set(frame_key::kStatus, std::to_string(status));
    frame.body = message;
  };
  try {
    auto body = EncodeAnswer(items[stream.next], stream.parts->type);
    if (!body) return fail(500, body.error().message), frame;
    frame.body = std::move(*body);
  } catch (const std::bad_alloc&) {
    return fail(500, "out of memory: a part of the answer is too large for the instance"), frame;
  }
  items[stream.next++] = Value{};
  if (stream.next < items.size())
    frame.Set(frame_key::kMore, "1");
  else
    frame.Set(frame_key::kStatus, "200");
  return frame;
}

}  // namespace smhost
