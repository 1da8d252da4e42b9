#include "worker/output_pipe.h"

#include <unistd.h>

#include <cerrno>

namespace smhost {

OutputPipe::OutputPipe(EventLoop& loop, Descriptor reading_end, std::string log_path, const Clock& clock)
    : loop_(loop), fd_(std::move(reading_end)), log_(std::move(log_path), clock) {
  loop_.OnReadable(fd_.get(), [this] { ReadSome(); });
}

OutputPipe::~OutputPipe() { Finish(); }

void OutputPipe::Say(const std::string& line) {
  log_.WriteLine("smhost: " + line);
  log_.Flush();
}

bool OutputPipe::ReadSome() {
  char room[64 * 1024];
  ssize_t n = ::read(fd_.get(), room, sizeof room);
  if (n > 0) {
    cutter_.Feed({room, static_cast<std::size_t>(n)}, log_);
    return true;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  loop_.Forget(fd_.get());
  fd_.Reset();
  cutter_.End(log_);
  return false;
}

void OutputPipe::Finish() {
  // A grandchild may hold the pipe open and write for ever: what is there now, not what may still come.
  for (int round = 0; round < 64 && fd_ && ReadSome();) ++round;
  if (fd_) loop_.Forget(fd_.get());
  fd_.Reset();
  cutter_.End(log_);
}

}  // namespace smhost
