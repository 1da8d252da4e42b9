#include "worker/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/limits.h"

namespace smhost {

void LogFile::WriteLine(std::string_view line) {
  waiting_ += FormatIso8601(clock_.Wall());
  waiting_ += ' ';
  waiting_ += line;
  waiting_ += '\n';
  ++waiting_lines_;
}

// One writer at a time: the template that holds the instance's pipe, or, if that died, the instance itself.
bool LogFile::OpenOrRotate() {
  if (fd_ && size_ + waiting_.size() > limits::kLogFileBytes && size_ > 0) {
    fd_.Reset();
    std::rename(path_.c_str(), (path_ + ".1").c_str());
  }
  if (fd_) return true;
  fd_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat info {};
  size_ = fd_ && ::fstat(fd_.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  return static_cast<bool>(fd_);
}

void LogFile::Flush() {
  if (waiting_.empty()) return;
  if (lost_lines_ > 0)
    waiting_ = FormatIso8601(clock_.Wall()) + " smhost: " + std::to_string(lost_lines_) +
               " lines before this one were lost: the log could not be written\n" + waiting_;
  ssize_t written = OpenOrRotate() ? ::write(fd_.get(), waiting_.data(), waiting_.size()) : -1;
  if (written == static_cast<ssize_t>(waiting_.size())) {
    size_ += waiting_.size();
    lost_lines_ = 0;
  } else {
    if (written > 0) size_ += static_cast<std::uint64_t>(written);
    lost_lines_ += waiting_lines_;
  }
  waiting_.clear();
  waiting_lines_ = 0;
}

void LineCutter::Feed(std::string_view bytes, LogFile& log) {
  while (!bytes.empty()) {
    std::size_t end = bytes.find('\n');
    std::size_t take =
        std::min(end == std::string_view::npos ? bytes.size() : end, limits::kLogLineBytes - open_.size());
    open_ += bytes.substr(0, take);
    bytes.remove_prefix(take);
    bool whole = !bytes.empty() && bytes[0] == '\n';
    if (whole) bytes.remove_prefix(1);
    if (whole || open_.size() == limits::kLogLineBytes) {
      log.WriteLine(open_);
      open_.clear();
    }
  }
  log.Flush();
}

void LineCutter::End(LogFile& log) {
  if (!open_.empty()) log.WriteLine(open_);
  open_.clear();
  log.Flush();
}

}  // namespace smhost
