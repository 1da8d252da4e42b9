// The reading end of an instance's stdout and stderr, pumped into its log. Belongs to the template's loop, or to the
// instance's own after its template died.
#pragma once

#include "base/event_loop.h"
#include "worker/log_file.h"

namespace smhost {

class OutputPipe {
 public:
  OutputPipe(EventLoop& loop, Descriptor reading_end, std::string log_path, const Clock& clock);
  ~OutputPipe();
  OutputPipe(const OutputPipe&) = delete;

  // A line of ours among the instance's own.
  void Say(const std::string& line);
  // Takes what is in the pipe now; then it is closed.
  void Finish();

 private:
  bool ReadSome();  // false: nothing is there now

  EventLoop& loop_;
  Descriptor fd_;
  LogFile log_;
  LineCutter cutter_;
};

}  // namespace smhost
