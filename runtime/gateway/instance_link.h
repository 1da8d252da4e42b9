// One loop's connection to one instance: frames out and in, connecting again by itself until it is closed. An instance
// that breaks the protocol loses the connection, and so does nobody else. On the loop's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway/dispatcher.h"
#include "gateway/loop_core.h"
#include "wire/frame.h"

namespace smhost {

class InstanceLink final : public InstancePort, public std::enable_shared_from_this<InstanceLink> {
 public:
  InstanceLink(LoopCore& core, std::string instance);

  void Start();
  void Flush();

  void Send(std::uint64_t id, std::shared_ptr<Call> call) override;
  void Cancel(std::uint64_t id) override;
  void Grant(std::uint64_t id, std::size_t bytes) override;
  void Close() override;

 private:
  // Bytes to be written: our own, or the body of a call, which lies there until then.
  struct Part {
    std::string bytes;
    std::shared_ptr<Call> call;
    std::string_view view() const { return call ? std::string_view(call->body) : std::string_view(bytes); }
  };

  void Connect();
  void RetryLater();
  void Read();
  void OnRead(const ErrorCode& error, std::size_t count);
  bool Handle(Frame& frame);
  bool HandleHello(const Frame& frame);
  void Lose(const std::string& why);
  void MarkDirty();
  void WaitWritable();
  std::string& Tail();

  LoopCore& core_;
  const std::string instance_;
  StreamSocket socket_;
  LoopTimer retry_timer_;
  Duration retry_delay_;
  std::uint64_t life_ = 0;  // of the connection: handlers of an earlier one are void
  bool greeted_ = false, closed_ = false, writing_ = false, dirty_ = false, complained_ = false;
  FrameReader reader_;
  Frame frame_;
  std::deque<Part> parts_;
  std::size_t written_ = 0;  // of parts_.front()
  std::vector<char> buffer_;
};

}  // namespace smhost
