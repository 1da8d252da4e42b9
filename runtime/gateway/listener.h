// Takes connections from one listening socket for one loop. The socket itself belongs to the supervisor: it goes on
// listening whatever happens here. Does not spin where descriptors or memory run out.
#pragma once

#include "base/descriptor.h"
#include "gateway/admission.h"
#include "gateway/loop_core.h"

namespace smhost {

class Listener {
 public:
  Listener(LoopCore& core, Descriptor socket, Origin origin);

  void Start();
  void Stop();
  // Connections are allowed again after there were too many.
  void RoomAgain();

 private:
  void Wait();
  void AcceptAll();
  void BackOff(int error_number);

  LoopCore& core_;
  LoopDescriptor socket_;
  LoopTimer timer_;
  const Origin origin_;
  bool full_ = false, stopped_ = false, complained_ = false;
};

}  // namespace smhost
