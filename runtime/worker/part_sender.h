// Answers that go out in parts, each part when the peer has room for it: a caller that reads slowly holds up nobody but
// itself. The inference thread hands answers over (Begin); everything else is the I/O thread's. Parts are encoded
// one at a time, just before they are sent.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "wire/frame.h"
#include "worker/request.h"

namespace smhost {

class PartSender {
 public:
  // `on_work` is called on the inference thread when there is something for Advance to do.
  explicit PartSender(std::function<void()> on_work) : on_work_(std::move(on_work)) {}

  // --- I/O thread
  // A request whose answer may come in parts. Cancelled before its answer begins, it gets none.
  void Open(const std::shared_ptr<ReplyPort>& port, std::uint64_t id, std::uint64_t window);
  void Grant(const ReplyPort* port, std::uint64_t id, std::uint64_t bytes);
  void Cancel(const ReplyPort* port, std::uint64_t id);
  void Drop(const ReplyPort* port);
  // Sends what there is room for.
  void Advance();
  // Is there an answer that has begun and not ended?
  bool OwesParts();

  // --- inference thread
  // `first` is the answer's head and first part, `rest` what follows where it has kMore.
  void Begin(const ReplyPort* port, std::uint64_t id, Frame first, std::shared_ptr<AnswerParts> rest);

 private:
  struct Stream {
    std::shared_ptr<ReplyPort> port;
    std::int64_t room = 0;               // bytes; below zero after a part that was larger
    Frame first;
    std::shared_ptr<AnswerParts> parts;  // null: the answer has not begun
    std::size_t next = 0;                // of parts->list
    bool first_sent = false;
  };
  using Key = std::pair<const ReplyPort*, std::uint64_t>;

  static bool Send(std::uint64_t id, Stream& stream);
  static Frame NextPart(Stream& stream);

  const std::function<void()> on_work_;
  std::mutex mutex_;  // guards all below
  std::map<Key, Stream> streams_;
};

}  // namespace smhost
