// The inference thread of an instance: prepares the model, warms it up, then takes requests until the queue is closed.
// Answers in several parts are begun here and sent by the I/O thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "worker/instance.h"
#include "worker/part_sender.h"
#include "worker/request_queue.h"
#include "worker/request_runner.h"

namespace smhost {

enum class InferenceState { kPreparing, kReady, kFailed, kLost };  // kLost: the model can never run again here

class Inference {
 public:
  // `on_change`: called on the inference thread when the state changed, and after each batch once WatchBatches was
  // called.
  Inference(const InstanceSetup& setup, RequestQueue& queue, PartSender& parts, std::function<void()> on_change)
      : setup_(setup), queue_(queue), parts_(parts), on_change_(std::move(on_change)), runner_(setup.model, setup.settings) {}

  void Run();  // the thread's body

  InferenceState state() const { return state_.load(); }
  // Valid once the state is no longer kPreparing.
  const std::string& error() const { return error_; }
  const std::string& device() const { return device_; }
  void WatchBatches() { watched_.store(true); }
  Duration InModel(MonotonicTime now) const { return runner_.InModel(now); }

 private:
  Status Prepare();
  void Serve();
  void Answer(RequestQueue::Batch& batch, MonotonicTime begin);

  const InstanceSetup& setup_;
  RequestQueue& queue_;
  PartSender& parts_;
  const std::function<void()> on_change_;
  RequestRunner runner_;
  std::string error_, device_;  // written before state_ leaves kPreparing
  std::atomic<InferenceState> state_{InferenceState::kPreparing};
  std::atomic<bool> watched_{false};
};

}  // namespace smhost
