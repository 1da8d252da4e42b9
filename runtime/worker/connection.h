// One stream of frames between an instance and its gateway. Frames are read on the I/O thread; answers are written by
// whichever thread has them, straight to the socket while the peer reads, and gathered for the I/O thread where it does
// not.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/descriptor.h"
#include "wire/frame.h"
#include "worker/request.h"

namespace smhost {

class Connection final : public ReplyPort {
 public:
  // `on_blocked` is called, from any thread, when bytes begin to wait for the peer.
  Connection(Descriptor socket, std::function<void()> on_blocked)
      : socket_(std::move(socket)), on_blocked_(std::move(on_blocked)) {}

  int fd() const { return socket_.get(); }

  // --- I/O thread
  // Takes what has arrived and hands each frame over. False: the peer is gone or spoke nonsense (`why` says what).
  bool Receive(const std::function<void(Frame&)>& on_frame, std::string& why);
  // Writes what waits. False: the peer is gone.
  bool Flush();
  // Nothing is sent any more.
  void Break();
  bool carried_requests = false;  // the gateway's, not one of those that only ask whether we live

  // --- any thread
  void Send(std::string frames) override;
  bool HasWaiting();

 private:
  bool WriteSome();  // under mutex_

  const Descriptor socket_;
  const std::function<void()> on_blocked_;
  FrameReader reader_;
  std::mutex mutex_;  // guards all below
  std::string waiting_;
  std::size_t sent_ = 0;
  bool broken_ = false;
};

}  // namespace smhost
