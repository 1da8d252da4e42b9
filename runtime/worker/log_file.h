// One instance's log: lines with a time in front, in a file bounded by limits::kLogFileBytes; then it becomes .1 and
// the older .1 goes. What cannot be written (a full disk) is counted and told in the next line that can. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/descriptor.h"

namespace smhost {

class LogFile {
 public:
  LogFile(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

  void WriteLine(std::string_view line);
  // Writes out what is gathered; the lines of one read go out in one call.
  void Flush();

 private:
  bool OpenOrRotate();

  const std::string path_;
  const Clock& clock_;
  Descriptor fd_;
  std::uint64_t size_ = 0;
  std::string waiting_;
  std::uint64_t waiting_lines_ = 0, lost_lines_ = 0;
};

// Cuts a stream of bytes into lines of at most limits::kLogLineBytes.
class LineCutter {
 public:
  void Feed(std::string_view bytes, LogFile& log);
  void End(LogFile& log);  // the last line may lack its newline

 private:
  std::string open_;
};

}  // namespace smhost
