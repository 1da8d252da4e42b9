// From bytes to bytes: decodes requests, joins those that fit into one call of the model, splits the result, encodes
// the answers. On the inference thread; knows no sockets and no torch. Whatever the caller or the model does wrong
// becomes an answer.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "worker/model.h"
#include "worker/request.h"

namespace smhost {

class RequestRunner {
 public:
  RequestRunner(Model& model, const Settings& settings) : model_(model), settings_(settings) {}

  // Fills each request's answer. `now` decides whose deadline has passed.
  void Run(std::vector<Request>& requests, MonotonicTime now);
  // False: the model can never run again in this process (a lost GPU), which must be replaced.
  bool usable() const { return usable_; }
  // How long the call that is in the model has been there; zero: none is. From any thread.
  Duration InModel(MonotonicTime now) const;

 private:
  struct Work;
  bool Decode(Work& work, MonotonicTime now);
  Result<Value> Call(Arguments arguments);
  void RunGroup(std::vector<Work*>& group);
  bool RunJoined(std::vector<Work*>& group);
  void RunAlone(Work& work);
  void Encode(Work& work, const Value& value);
  void EncodeWhole(Work& work, const Value& value);
  void EncodeParts(Work& work, const List& list);
  void Fail(Work& work, int status, const std::string& message);
  void FailRun(Work& work, const Error& error);

  Model& model_;
  const Settings& settings_;
  bool usable_ = true;
  bool joins_ = true;  // until the model has shown that its answers cannot be split
  std::atomic<Duration::rep> call_began_{0};  // of the monotonic clock; 0: no call is in the model
};

// Reads the artifact's warm-up request and runs it, twice: the first call allocates and specialises, the second shows
// that a call after another works too.
Status WarmUp(RequestRunner& runner, const std::string& model_folder, const std::string& file);

}  // namespace smhost
