// From a command to a process in the background whose caller waits until it is ready or has failed. Called first thing
// in main's thread, before other threads or descriptors exist.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

class Daemon {
 public:
  // Forks. Returns in the daemon alone: in a session of its own, still with the caller's stderr for errors. The calling
  // process stays in here and ends with the status that the daemon gives.
  static Result<Daemon> Begin();

  // The caller's process ends with status 0. Ours lets go of its terminal: folder /, stdin and stdout /dev/null, stderr
  // appended to the file.
  void Ready(const std::string& stderr_path);
  // The caller's process ends with this status, and so should we.
  void Failed(int status);

 private:
  explicit Daemon(Descriptor status) : status_(std::move(status)) {}
  void Tell(int status);

  Descriptor status_;
};

}  // namespace smhost
