#include "controller/answering_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/limits.h"

namespace smhost {

Status AnsweringChild::Start(SpawnOptions options, Duration longest, Answered answered, std::function<void()> late) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return FailErrno("make", "a pipe", errno);
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  ::fcntl(ends[1], F_SETFL, 0);
  options.descriptors.insert(options.descriptors.begin(), {ends[1], 1});
  SMHOST_TRY(pid_, Spawn(options));
  output_ = std::move(ours);
  text_.clear();
  answered_ = std::move(answered);
  loop_.OnReadable(output_.get(), [this] { Read(); });
  timer_ = loop_.After(longest, [this, late = std::move(late)] {
    Stop();
    late();
  });
  return {};
}

void AnsweringChild::Read() {
  char room[8192];
  for (;;) {
    const ssize_t n = ::read(output_.get(), room, sizeof room);
    if (n > 0 && text_.size() < limits::kControlMessageBytes) text_.append(room, static_cast<std::size_t>(n));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;
  }
  // The pipe has closed: the child is ending or dead.
  const int status = LetGo();
  const Answered answered = std::move(answered_);
  answered(text_, status);
}

int AnsweringChild::LetGo() {
  loop_.Cancel(timer_);
  loop_.Forget(output_.get());
  output_.Reset();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return status;
}

void AnsweringChild::Stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);  // our own child, not reaped yet: the number is still its
  LetGo();
}

}  // namespace smhost
