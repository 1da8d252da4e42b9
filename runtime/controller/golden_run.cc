#include "controller/golden_run.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/limits.h"
#include "base/sockets.h"
#include "wire/answer_difference.h"
#include "wire/frame.h"

namespace smhost {
namespace {

using std::chrono::milliseconds;

int MillisecondsUntil(const Clock& clock, MonotonicTime deadline) {
  return static_cast<int>(std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(deadline - clock.Monotonic()).count()));
}

// One conversation with an instance.
class Talk {
 public:
  Talk(const Clock& clock, Descriptor socket) : clock_(clock), socket_(std::move(socket)) {}

  Status Send(const Frame& frame, MonotonicTime deadline) {
    std::string bytes;
    AppendFrame(frame, bytes);
    for (std::string_view rest = bytes; !rest.empty();) {
      const ssize_t n = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
      else if (n < 0 && errno == EAGAIN) SMHOST_TRY_STATUS(Wait(POLLOUT, deadline));
      else if (n < 0 && errno != EINTR) return Fail(Code::kUnavailable, "the instance ended");
    }
    return {};
  }

  Result<Frame> Receive(MonotonicTime deadline) {
    Frame frame;
    for (char room[65536];;) {
      SMHOST_TRY(const bool whole, reader_.Next(frame));
      if (whole) return frame;
      const ssize_t n = ::recv(socket_.get(), room, sizeof room, 0);
      if (n > 0) reader_.Feed({room, static_cast<std::size_t>(n)});
      else if (n < 0 && errno == EAGAIN) SMHOST_TRY_STATUS(Wait(POLLIN, deadline));
      else if (n == 0 || errno != EINTR) return Fail(Code::kUnavailable, "the instance ended");
    }
  }

 private:
  Status Wait(short events, MonotonicTime deadline) {
    pollfd waiting{socket_.get(), events, 0};
    const int left = MillisecondsUntil(clock_, deadline);
    if (left > 0 && (::poll(&waiting, 1, left) != 0 || MillisecondsUntil(clock_, deadline) > 0)) return {};
    return Fail(Code::kTimedOut, "no answer in time");
  }

  const Clock& clock_;
  Descriptor socket_;
  FrameReader reader_;
};

Result<Talk> Meet(const Clock& clock, const std::string& path) {
  SMHOST_TRY(Descriptor socket, ConnectUnix(path, SocketKind::kStream));
  Talk talk(clock, std::move(socket));
  SMHOST_TRY(const Frame hello, talk.Receive(clock.Monotonic() + limits::kResponseTimeout));
  if (hello.type != FrameType::kHello || hello.Get(frame_key::kState) != "ready")
    return Fail(Code::kUnavailable, "the instance is not ready: " + std::string(hello.Get(frame_key::kError)));
  return talk;
}

Frame RequestFrame(const GoldenRequest& request, std::uint64_t id) {
  Frame frame;
  frame.type = FrameType::kRequest;
  frame.id = id;
  frame.Set(frame_key::kContentType, request.content_type);
  frame.Set(frame_key::kAccept, request.accept);
  frame.Set(frame_key::kDeadlineMs, std::to_string(milliseconds(limits::kResponseTimeout).count()));
  frame.body = request.body;
  return frame;
}

std::string Milliseconds(double ms) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, ms, std::chars_format::fixed, 1).ptr};
}

// What is wrong with the answer; empty: nothing.
std::string Judge(const GoldenSet& set, const GoldenRequest& request, const Frame& answer, double took_ms) {
  const std::string status(answer.Get(frame_key::kStatus));
  if (status != std::to_string(request.expected_status))
    return "expected status " + std::to_string(request.expected_status) + ", got " + (status.empty() ? "none" : status) +
           (answer.body.empty() ? "" : ": " + answer.body.substr(0, 400));
  if (set.latency_budget && took_ms > static_cast<double>(set.latency_budget->count()))
    return "took " + Milliseconds(took_ms) + " ms, more than the " + std::to_string(set.latency_budget->count()) +
           " ms of LatencyBudgetInMilliseconds";
  if (!request.expected) return {};
  const std::string type(answer.Get(frame_key::kContentType));
  return CompareAnswers(request.expected_type.empty() ? type : request.expected_type, *request.expected, type, answer.body,
                        {set.tolerance, set.relative_tolerance}, limits::kModelOutputBytes)
      .text;
}

// How long an answer is waited for. Past its budget it has failed; a little longer shows by how much.
Duration PatienceOf(const GoldenSet& set) {
  if (!set.latency_budget) return limits::kResponseTimeout;
  return std::min<Duration>(limits::kResponseTimeout, *set.latency_budget * 2 + limits::kGoldenPatience);
}

// The error, or what is wrong with the answer, in words.
Result<std::string> Try(const Clock& clock, Talk& talk, const GoldenSet& set, const GoldenRequest& request,
                        GoldenOutcome& outcome) {
  const MonotonicTime begun = clock.Monotonic(), deadline = begun + PatienceOf(set);
  const std::uint64_t id = outcome.requests + 1;
  SMHOST_TRY_STATUS(talk.Send(RequestFrame(request, id), deadline));
  auto received = talk.Receive(deadline);
  if (!received && received.error().code == Code::kTimedOut)
    return "was not answered within " + std::to_string(std::chrono::duration_cast<milliseconds>(PatienceOf(set)).count()) + " ms";
  SMHOST_TRY(const Frame answer, std::move(received));
  if (answer.type != FrameType::kResponse || answer.id != id)
    return Fail(Code::kInternal, "the instance answered another request");
  const double took_ms = std::chrono::duration<double, std::milli>(clock.Monotonic() - begun).count();
  outcome.slowest_ms = std::max(outcome.slowest_ms, took_ms);
  ++outcome.requests;
  return Judge(set, request, answer, took_ms);
}

Status ReadInto(Files& files, const std::string& folder, const std::string& name, std::string& text) {
  if (name.empty()) return {};
  SMHOST_TRY(text, files.Read(folder + "/" + name, limits::kModelOutputBytes));
  return {};
}

}  // namespace

Result<GoldenSet> ReadGoldenSet(Files& files, const std::string& path, const std::string& folder) {
  SMHOST_TRY(const std::string text, files.Read(path, limits::kGoldenSetBytes));
  SMHOST_TRY(const Json json, ParseJson(text, "the golden set", limits::kGoldenSetBytes));
  SMHOST_TRY(GoldenSet set, ParseGoldenSet(json, !folder.empty()));
  for (GoldenRequest& request : set.requests) {
    SMHOST_TRY_STATUS(ReadInto(files, folder, request.body_file, request.body));
    if (!request.expected_file.empty()) request.expected.emplace();
    if (request.expected) SMHOST_TRY_STATUS(ReadInto(files, folder, request.expected_file, *request.expected));
  }
  return set;
}

GoldenOutcome RunGoldenSets(const Clock& clock, const std::string& instance_socket, const std::vector<GoldenSet>& sets) {
  GoldenOutcome outcome;
  auto talk = Meet(clock, instance_socket);
  if (!talk) {
    outcome.failure = talk.error().message;
    return outcome;
  }
  for (const GoldenSet& set : sets) {
    for (std::size_t i = 0; i < set.requests.size(); ++i) {
      const GoldenRequest& request = set.requests[i];
      const auto wrong = Try(clock, *talk, set, request, outcome);
      if (wrong && wrong->empty()) continue;
      outcome.failure = "request " + std::to_string(i + 1) + (request.name.empty() ? "" : " (" + request.name + ")") + ": " +
                        (wrong ? *wrong : wrong.error().message);
      return outcome;
    }
  }
  return outcome;
}

}  // namespace smhost
