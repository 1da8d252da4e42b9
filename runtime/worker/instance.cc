#include "worker/instance.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <charconv>
#include <map>
#include <memory>
#include <thread>

#include "base/event_loop.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/sockets.h"
#include "worker/background.h"
#include "worker/connection.h"
#include "worker/inference.h"
#include "worker/instance_limits.h"
#include "worker/output_pipe.h"
#include "worker/part_sender.h"

namespace smhost {
namespace {

constexpr int kExitFailed = 1;
constexpr auto kFailureShown = std::chrono::seconds(5);  // a failed start waits so long for somebody who asks
constexpr std::size_t kMostWaiting = 4 * limits::kOutstandingPerInstance;  // a new gateway beside the one it replaces

// Wakes a loop from another thread.
class Wake {
 public:
  Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  int fd() const { return fd_.get(); }
  void Ring() {
    std::uint64_t one = 1;
    [[maybe_unused]] ssize_t n = ::write(fd_.get(), &one, sizeof one);
  }
  void Clear() {
    std::uint64_t count;
    [[maybe_unused]] ssize_t n = ::read(fd_.get(), &count, sizeof count);
  }

 private:
  Descriptor fd_;
};

class Instance {
 public:
  Instance(const InstanceSetup& setup, Descriptor listener)
      : setup_(setup),
        listener_(std::move(listener)),
        queue_(kMostWaiting, limits::kQueueBytesPerVariant),
        parts_([this] { wake_.Ring(); }),
        inference_(setup_, queue_, parts_, [this] { wake_.Ring(); }) {}

  int Run() {
    loop_.OnSignals({SIGTERM, SIGINT}, [this](int) { Drain("asked to stop"); });
    loop_.OnReadable(wake_.fd(), [this] { OnWake(); });
    WatchOutput();
    std::thread inference([this] { inference_.Run(); });
    loop_.Run();
    queue_.Close();
    LeaveInBackground();
    // A call that never returns must not keep a process that was asked to end: the thread ends with it.
    inference.detach();
    ::fflush(nullptr);
    if (output_) output_->Finish();
    return exit_code_;
  }

 private:
  // --- the state of the model
  void OnWake() {
    wake_.Clear();
    if (!announced_ && inference_.state() != InferenceState::kPreparing) Announce();
    if (inference_.state() == InferenceState::kLost) {
      exit_code_ = kExitFailed;
      Drain("its device is lost");
    }
    parts_.Advance();
    for (auto& [fd, connection] : connections_)
      if (connection->HasWaiting()) FlushWhenWritable(connection);
    EndIfDrained();
  }

  void Announce() {
    announced_ = true;
    if (inference_.state() == InferenceState::kFailed) {
      Say("cannot serve: " + inference_.error());
      loop_.After(kFailureShown, [this] { End(kExitFailed); });
    } else {
      Say("ready on " + inference_.device());
      SMHOST_FAILPOINT(instance_ready);
    }
    loop_.OnReadable(listener_.get(), [this] { Accept(); });
  }

  Frame Hello() const {
    Frame hello;
    hello.type = FrameType::kHello;
    bool failed = inference_.state() == InferenceState::kFailed;
    hello.Set(frame_key::kState, failed ? "failed" : "ready");
    hello.Set(frame_key::kInstance, setup_.order.id);
    hello.Set(frame_key::kDigest, setup_.digest);
    hello.Set(frame_key::kDevice, inference_.device());
    if (failed) hello.Set(frame_key::kError, inference_.error());
    return hello;
  }

  // --- connections
  void Accept() {
    auto accepted = AcceptConnection(listener_);
    if (!accepted) return;
    auto connection = std::make_shared<Connection>(std::move(*accepted), [this] { wake_.Ring(); });
    connections_[connection->fd()] = connection;
    loop_.OnReadable(connection->fd(), [this, connection] { Receive(connection); });
    SendFrame(*connection, Hello());
  }

  void Receive(const std::shared_ptr<Connection>& connection) {
    std::string why;
    if (!connection->Receive([&](Frame& frame) { OnFrame(connection, frame); }, why)) Drop(connection, why);
  }

  void Drop(const std::shared_ptr<Connection>& connection, const std::string& why) {
    if (connections_.erase(connection->fd()) == 0) return;
    if (connection->carried_requests && queue_.Outstanding() > 0)
      Say("connection lost with requests outstanding: " + why);
    loop_.Forget(connection->fd());
    connection->Break();
    queue_.Drop(connection.get());
    parts_.Drop(connection.get());
    wake_.Ring();
  }

  void FlushWhenWritable(const std::shared_ptr<Connection>& connection) {
    loop_.OnWritable(connection->fd(), [this, connection] {
      if (!connection->Flush()) return Drop(connection, "the peer is gone");
      if (connection->HasWaiting()) return;
      loop_.OnWritable(connection->fd(), nullptr);
      EndIfDrained();
    });
  }

  static void SendFrame(Connection& connection, const Frame& frame) {
    std::string bytes;
    AppendFrame(frame, bytes);
    connection.Send(std::move(bytes));
  }

  // --- frames
  void OnFrame(const std::shared_ptr<Connection>& connection, Frame& frame) {
    if (frame.type == FrameType::kRequest) return OnRequest(connection, frame);
    if (frame.type == FrameType::kCancel) return Cancel(*connection, frame.id);
    if (frame.type == FrameType::kGrant) {
      parts_.Grant(connection.get(), frame.id, frame.Number(frame_key::kBytes));
      return wake_.Ring();  // it may have been the last that is owed
    }
    if (frame.type == FrameType::kDrain) return Drain("asked to drain");
    if (frame.type == FrameType::kPing) return Pong(*connection, frame.id);
    Say("frame of type " + std::to_string(static_cast<int>(frame.type)) + " ignored: only an instance sends it");
  }

  void OnRequest(const std::shared_ptr<Connection>& connection, Frame& frame) {
    connection->carried_requests = true;
    if (inference_.state() == InferenceState::kFailed) return Refuse(*connection, frame.id, inference_.error());
    Request request;
    request.port = connection;
    request.id = frame.id;
    request.content_type = frame.Get(frame_key::kContentType);
    request.accept = frame.Get(frame_key::kAccept);
    request.arrived = std::chrono::steady_clock::now();
    std::string_view left = frame.Get(frame_key::kDeadlineMs);
    std::int64_t left_ms = 0;
    if (std::from_chars(left.data(), left.data() + left.size(), left_ms).ec == std::errc() && left_ms >= 0)
      request.deadline = request.arrived + std::chrono::milliseconds(std::min<std::int64_t>(left_ms, 86'400'000));
    request.body = std::move(frame.body);
    request.in_parts = !frame.Get(frame_key::kStream).empty();
    if (request.in_parts) parts_.Open(connection, frame.id, frame.Number(frame_key::kStream));
    if (queue_.Push(request)) return;
    parts_.Cancel(connection.get(), frame.id);
    Refuse(*connection, frame.id, "the instance's queue is full");
  }

  void Cancel(const Connection& connection, std::uint64_t id) {
    queue_.Cancel(&connection, id);
    parts_.Cancel(&connection, id);
    wake_.Ring();  // it may have been the last that is owed
  }

  void Pong(Connection& connection, std::uint64_t id) const {
    auto in_model = inference_.InModel(std::chrono::steady_clock::now());
    Frame pong;
    pong.type = FrameType::kPong;
    pong.id = id;
    pong.Set(frame_key::kBusyMs,
             std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(in_model).count()));
    SendFrame(connection, pong);
  }

  static void Refuse(Connection& connection, std::uint64_t id, const std::string& why) {
    Frame answer;
    answer.type = FrameType::kResponse;
    answer.id = id;
    answer.Set(frame_key::kStatus, "503");
    answer.Set(frame_key::kContentType, "text/plain");
    answer.body = why;
    SendFrame(connection, answer);
  }

  // --- the end
  void Drain(const std::string& why) {
    if (draining_) return;
    draining_ = true;
    SMHOST_FAILPOINT(instance_drains);
    Say("ends: " + why + ", " + std::to_string(queue_.Outstanding()) + " requests outstanding");
    if (!announced_) return End(0);  // nobody was told that it serves
    loop_.Forget(listener_.get());
    inference_.WatchBatches();
    wake_.Ring();  // not at once: we may be inside the connection that brought the order
  }

  bool OwesAnything() {
    if (queue_.Outstanding() > 0 || parts_.OwesParts()) return true;
    for (auto& [fd, connection] : connections_)
      if (connection->HasWaiting()) return true;
    return false;
  }

  void EndIfDrained() {
    if (!draining_ || OwesAnything()) return;
    // What was sent before the peer heard of our end is owed too.
    auto connections = connections_;
    for (auto& [fd, connection] : connections) Receive(connection);
    if (!OwesAnything()) End(exit_code_);
  }

  void End(int exit_code) {
    exit_code_ = exit_code;
    loop_.Stop();
  }

  // --- output: a pipe that the template reads. If it dies, we read it ourselves: a full pipe would stop the model.
  void WatchOutput() {
    auto parent = OpenProcess(setup_.parent);
    if (!parent) return TakeOverOutput();
    parent_ = std::move(*parent);
    loop_.OnReadable(parent_.get(), [this] { TakeOverOutput(); });
  }

  void TakeOverOutput() {
    if (parent_) loop_.Forget(parent_.get());
    parent_.Reset();
    output_ = std::make_unique<OutputPipe>(loop_, Descriptor(setup_.output), setup_.order.log_path, clock_);
    Say("its template ended; it goes on without");
  }

  // From the I/O thread only. Once it reads the pipe itself it must not wait for room in it.
  void Say(const std::string& line) {
    if (output_) return output_->Say(line);
    std::string text = "smhost: " + line + "\n";
    [[maybe_unused]] ssize_t n = ::write(2, text.data(), text.size());
  }

  const InstanceSetup setup_;
  const SystemClock clock_;
  EventLoop loop_;
  Wake wake_;
  Descriptor listener_, parent_;
  std::unique_ptr<OutputPipe> output_;
  RequestQueue queue_;
  PartSender parts_;
  Inference inference_;
  std::map<int, std::shared_ptr<Connection>> connections_;
  bool announced_ = false, draining_ = false;
  int exit_code_ = 0;
};

std::string Title(const InstanceSetup& setup) {
  const auto& order = setup.order;
  return "smhost-worker: instance " + order.endpoint + "/" + order.variant + "/" + std::to_string(order.index) + " [" +
         setup.home.root() + "]";
}

}  // namespace

int RunInstance(const InstanceSetup& setup, Descriptor listener) {
  StartLog("");
  SetProcessTitle(Title(setup));
  SMHOST_FAILPOINT(instance_starts);
  if (auto entered = EnterScratch(setup.order); !entered) {
    spdlog::critical("cannot start: {}", entered.error().message);
    return kExitFailed;
  }
  // Left behind on purpose: the inference thread may still use it while the process ends.
  auto* instance = new Instance(setup, std::move(listener));
  return instance->Run();
}

}  // namespace smhost
