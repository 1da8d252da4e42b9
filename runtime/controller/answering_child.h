// A child process whose stdout is its answer: the controller gives slow or dangerous work to one, hears its text when it
// ends, and ends it itself when it takes too long. Reaps it. The controller's thread.
#pragma once

#include <functional>
#include <string>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/process.h"
#include "base/result.h"

namespace smhost {

class AnsweringChild {
 public:
  // `status`: of waitpid.
  using Answered = std::function<void(const std::string& text, int status)>;

  explicit AnsweringChild(EventLoop& loop) : loop_(loop) {}
  ~AnsweringChild() { Stop(); }
  AnsweringChild(const AnsweringChild&) = delete;

  // One at a time. Later exactly one of the two is called, unless Stop comes first: `answered` when the child has ended,
  // at most limits::kControlMessageBytes and a read more of its text kept; `late` when `longest` is over and it was ended.
  Status Start(SpawnOptions options, Duration longest, Answered answered, std::function<void()> late);
  bool Runs() const { return pid_ != 0; }
  // SIGKILL, if one runs.
  void Stop();

 private:
  void Read();
  int LetGo();  // of its pipe and its timer; waits for its end, and gives its status

  EventLoop& loop_;
  Answered answered_;
  pid_t pid_ = 0;
  Descriptor output_;
  std::string text_;
  EventLoop::Timer timer_ = 0;
};

}  // namespace smhost
