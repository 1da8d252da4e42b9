#include "worker/request_runner.h"

#include <algorithm>
#include <new>

#include "base/files.h"
#include "base/limits.h"
#include "worker/batch.h"
#include "worker/codec.h"

namespace smhost {
namespace {

constexpr int kOk = 200, kBadRequest = 400, kNotAcceptable = 406, kUnsupportedMediaType = 415, kModelRaised = 500,
              kDeadlinePassed = 504;

constexpr const char* kOutOfMemory =
    "out of memory: the request needs more than the instance may have; send less at once, or choose a larger instance "
    "type";

int StatusOf(Code code) { return code == Code::kInvalid ? kBadRequest : kModelRaised; }

}  // namespace

struct RequestRunner::Work {
  Request* request = nullptr;
  ContentType answer_type = ContentType::kJson;
  Arguments arguments;
};

void RequestRunner::Run(std::vector<Request>& requests, MonotonicTime now) {
  std::vector<Work> works;
  works.reserve(requests.size());
  for (auto& request : requests) {
    Work work;
    work.request = &request;
    if (Decode(work, now)) works.push_back(std::move(work));
  }
  std::vector<Work*> group;
  for (auto& work : works) {
    if (!group.empty() && !CanJoin(group[0]->arguments, work.arguments)) RunGroup(group);
    group.push_back(&work);
  }
  RunGroup(group);
}

bool RequestRunner::Decode(Work& work, MonotonicTime now) try {
  Request& request = *work.request;
  if (request.deadline && *request.deadline <= now) {
    Fail(work, kDeadlinePassed, "the caller's time was over before the model was free; it was not run");
    return false;
  }
  auto type = ParseContentType(request.content_type);
  if (!type) return Fail(work, kUnsupportedMediaType, type.error().message), false;
  auto answer_type = ChooseAnswerType(request.accept, settings_.default_accept);
  if (!answer_type) return Fail(work, kNotAcceptable, answer_type.error().message), false;
  work.answer_type = *answer_type;
  auto arguments = DecodeRequest(*type, request.body, model_.Schema(), settings_.dtype);
  if (!arguments) return Fail(work, kBadRequest, arguments.error().message), false;
  work.arguments = std::move(*arguments);
  return true;
} catch (const std::bad_alloc&) {
  Fail(work, kModelRaised, kOutOfMemory);
  return false;
}

void RequestRunner::RunGroup(std::vector<Work*>& group) {
  if (group.size() < 2 || !joins_ || !RunJoined(group))
    for (Work* work : group) RunAlone(*work);
  group.clear();
}

Result<Value> RequestRunner::Call(Arguments arguments) {
  struct Span {
    explicit Span(std::atomic<Duration::rep>& began) : began(began) {
      began.store(std::chrono::steady_clock::now().time_since_epoch().count());
    }
    ~Span() { began.store(0); }  // a model without memory leaves by an exception
    std::atomic<Duration::rep>& began;
  } span(call_began_);
  return model_.Run(std::move(arguments));
}

Duration RequestRunner::InModel(MonotonicTime now) const {
  Duration began(call_began_.load());
  return began == Duration::zero() ? began : std::max<Duration>(now.time_since_epoch() - began, Duration::zero());
}

// False: nobody got an answer yet, each is to be run on its own.
bool RequestRunner::RunJoined(std::vector<Work*>& group) try {
  std::vector<const Arguments*> parts;
  std::vector<std::int64_t> rows;
  for (const Work* work : group) {
    parts.push_back(&work->arguments);
    rows.push_back(RowsOf(work->arguments));
  }
  auto value = Call(Join(parts));
  if (!value) return false;  // one of them may be at fault: alone, each gets its own error
  auto answers = Split(*value, rows);
  if (!answers) {
    joins_ = false;
    return false;
  }
  for (std::size_t i = 0; i < group.size(); ++i) Encode(*group[i], (*answers)[i]);
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void RequestRunner::RunAlone(Work& work) try {
  if (!usable_) return Fail(work, kModelRaised, "the model's device is lost; this instance is being replaced");
  auto value = Call(std::move(work.arguments));
  if (!value) return FailRun(work, value.error());
  Encode(work, *value);
} catch (const std::bad_alloc&) {
  Fail(work, kModelRaised, kOutOfMemory);
}

void RequestRunner::Encode(Work& work, const Value& value) {
  const List* list = work.request->in_parts ? value.As<List>() : nullptr;
  if (list == nullptr) return EncodeWhole(work, value);
  if (!list->items.empty()) return EncodeParts(work, *list);
  work.request->answer = {kOk, NameOf(work.answer_type), "", nullptr};
}

// The first part alone: an answer that cannot be written at all is an error, not a stream that breaks.
void RequestRunner::EncodeParts(Work& work, const List& list) {
  EncodeWhole(work, list.items[0]);
  if (work.request->answer.status != kOk || list.items.size() == 1) return;
  auto more = std::make_shared<AnswerParts>();
  more->list.items.assign(list.items.begin() + 1, list.items.end());
  more->type = work.answer_type;
  work.request->answer.more = std::move(more);
}

void RequestRunner::EncodeWhole(Work& work, const Value& value) {
  auto body = EncodeAnswer(value, work.answer_type);
  if (!body)
    return Fail(work, body.error().code == Code::kUnsupported ? kNotAcceptable : kModelRaised, body.error().message);
  work.request->answer = {kOk, NameOf(work.answer_type), std::move(*body), nullptr};
}

void RequestRunner::Fail(Work& work, int status, const std::string& message) {
  work.request->answer = {status, "text/plain", message, nullptr};
}

void RequestRunner::FailRun(Work& work, const Error& error) {
  if (error.code == Code::kCorrupt) usable_ = false;
  if (error.code == Code::kTooLarge)
    return Fail(work, kModelRaised, std::string(kOutOfMemory) + " (" + error.message + ")");
  Fail(work, StatusOf(error.code), error.message);
}

Status WarmUp(RequestRunner& runner, const std::string& model_folder, const std::string& file) {
  auto wrong = [&](const std::string& why) {
    return ::smhost::Fail(Code::kInvalid, "SMHOST_WARMUP=" + file + ": " + why);
  };
  auto type = ContentTypeOfFile(file);
  if (!type) return wrong(type.error().message);
  auto body = MakeSystemFiles()->Read(model_folder + "/" + file, limits::kRequestBodyBytes);
  if (!body) return wrong(body.error().message);
  for (int round = 0; round < 2; ++round) {
    std::vector<Request> requests(1);
    requests[0].content_type = NameOf(*type);
    requests[0].body = *body;
    runner.Run(requests, MonotonicTime::min());
    if (requests[0].answer.status != kOk) return wrong("the model does not answer it: " + requests[0].answer.body);
  }
  return {};
}

}  // namespace smhost
