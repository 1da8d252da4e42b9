#include "worker/inference.h"

#include <sys/prctl.h>

#include "base/log.h"
#include "wire/frame.h"
#include "worker/instance_limits.h"

namespace smhost {
namespace {

std::string Microseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

}  // namespace

Status Inference::Prepare() {
  const auto& order = setup_.order;
  int threads = setup_.settings.threads > 0 ? setup_.settings.threads : order.threads;
  SMHOST_TRY_STATUS(setup_.model.PrepareInstance(threads));
  device_ = setup_.model.Device();
  // CUDA reserves address space by the gigabyte: there the limit would say nothing about memory.
  if (device_ == "cpu") SMHOST_TRY_STATUS(LimitMemory(order.memory_bytes, threads));
  if (setup_.settings.warmup.empty()) return {};
  return WarmUp(runner_, setup_.model_folder, setup_.settings.warmup);
}

void Inference::Run() {
  ::prctl(PR_SET_NAME, "inference");
  if (auto prepared = Prepare(); !prepared) {
    error_ = prepared.error().message;
    state_ = InferenceState::kFailed;
    return on_change_();
  }
  state_ = InferenceState::kReady;
  on_change_();
  Serve();
}

void Inference::Serve() {
  auto most = static_cast<std::size_t>(setup_.settings.max_batch_size);
  for (;;) {
    auto batch = queue_.Take(most, setup_.settings.max_batch_delay);
    if (batch.requests.empty()) return;
    std::size_t count = batch.requests.size();
    auto begin = std::chrono::steady_clock::now();
    runner_.Run(batch.requests, begin);
    Answer(batch, begin);
    batch.requests.clear();
    queue_.Done(count);
    if (!runner_.usable()) state_ = InferenceState::kLost;
    if (watched_.load() || !runner_.usable()) on_change_();
  }
}

void Inference::Answer(RequestQueue::Batch& batch, MonotonicTime begin) {
  std::string model_us = Microseconds(std::chrono::steady_clock::now() - begin);
  std::string batch_size = std::to_string(batch.requests.size());
  std::string bytes;
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    Request& request = batch.requests[i];
    MonotonicTime joined = std::max(request.arrived, batch.first_taken);
    Frame frame;
    frame.type = FrameType::kResponse;
    frame.id = request.id;
    frame.Set(frame_key::kStatus, std::to_string(request.answer.status));
    frame.Set(frame_key::kContentType, request.answer.content_type);
    frame.Set(frame_key::kQueueUs, Microseconds(joined - request.arrived));
    frame.Set(frame_key::kBatchUs, Microseconds(batch.taken - joined));
    frame.Set(frame_key::kModelUs, model_us);
    frame.Set(frame_key::kBatchSize, batch_size);
    frame.body = std::move(request.answer.body);
    if (request.in_parts) {
      if (request.answer.more) frame.Set(frame_key::kMore, "1");
      auto rest = request.answer.more ? std::move(request.answer.more) : std::make_shared<AnswerParts>();
      parts_.Begin(request.port.get(), request.id, std::move(frame), std::move(rest));
      continue;
    }
    AppendFrame(frame, bytes);
    // Neighbours that go to the same connection go out in one call.
    const Request* next = i + 1 < batch.requests.size() ? &batch.requests[i + 1] : nullptr;
    if (next != nullptr && next->port == request.port && !next->in_parts) continue;
    request.port->Send(std::move(bytes));
    bytes.clear();
  }
}

}  // namespace smhost
