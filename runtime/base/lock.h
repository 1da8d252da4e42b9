// flock() on a file: the kernel lets go of it when the last process that inherited the descriptor ends, so a held lock
// proves that its owner lives, whatever the file says. The file itself stays.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

class FileLock {
 public:
  // Takes it, waiting up to `wait`. kConflict if somebody else has it all that time. Creates the file (0600).
  // Wait at least some 100 ms: whoever asks Held() holds it for an instant.
  // inheritable: children keep it through exec.
  static Result<FileLock> Take(const std::string& path, std::chrono::milliseconds wait, bool inheritable = false);
  // Of a descriptor that this process inherited with the lock on it.
  static FileLock Inherited(Descriptor fd) { return FileLock(std::move(fd)); }
  // Does anybody hold it? False too where the file does not exist.
  static bool Held(const std::string& path);

  int fd() const { return fd_.get(); }
  // Replaces the file's content (for whoever finds it held).
  Status SetContent(std::string_view text);

 private:
  explicit FileLock(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

}  // namespace smhost
