// From bytes to bytes: decodes requests, joins those that fit into one call of the model, splits the result, encodes
// the answers. On the inference thread; knows no sockets and no torch. Whatever the caller or the model does wrong
// becomes an answer.
#pragma once

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

 private:
  struct Work;
  bool Decode(Work& work, MonotonicTime now);
  void RunGroup(std::vector<Work*>& group);
  bool RunJoined(std::vector<Work*>& group);
  void RunAlone(Work& work);
  void Encode(Work& work, const Value& value);
  void Fail(Work& work, int status, const std::string& message);
  void FailRun(Work& work, const Error& error);

  Model& model_;
  const Settings& settings_;
  bool usable_ = true;
  bool joins_ = true;  // until the model has shown that its answers cannot be split
};

// Reads the artifact's warm-up request and runs it, twice: the first call allocates and specialises, the second shows
// that a call after another works too.
Status WarmUp(RequestRunner& runner, const std::string& model_folder, const std::string& file);

}  // namespace smhost
