// One request on its way through the gateway to the API process and back, a stream each way with bounded room between.
// Belongs to one loop. Looks at no byte of either body.
//
//   connecting ──taken──► sending, hearing ──the answer's end──► gone
//        └── nobody takes it for limits::kApiWait, a death, silence ──► 503, or a cut where the answer had begun
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/loop_core.h"
#include "gateway/stream_source.h"
#include "wire/api_channel.h"

namespace smhost {

class ApiCall final : public StreamSource, public std::enable_shared_from_this<ApiCall> {
 public:
  ApiCall(LoopCore& core, Connection& connection, std::uint64_t number, const ApiRequestHead& head);

  void Start();
  void Body(std::string bytes) override;
  void BodyEnd() override;
  bool BodyFull() const override;
  void Resume() override;
  void CheckTime(MonotonicTime now) override;
  void Close() override;

 private:
  void Connect();
  void Write();
  void WaitWritable();
  void Read();
  void OnRead(const ErrorCode& error, std::size_t count);
  bool TakePieces();
  void Fail(const std::string& why);

  LoopCore& core_;
  Connection* connection_;  // null: closed
  const std::uint64_t number_;
  StreamSocket socket_;
  LoopTimer retry_;
  const MonotonicTime begun_;
  MonotonicTime progress_;
  std::string out_;  // not written yet
  bool connected_ = false, writing_ = false, reading_ = false, deaf_ = false;  // deaf_: it reads no more of the request
  bool head_came_ = false;
  ApiPieceReader pieces_;
  std::vector<char> buffer_;
};

}  // namespace smhost
