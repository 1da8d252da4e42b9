#include "supervisor/daemon.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace smhost {
namespace {

[[noreturn]] void EndWithStatusOf(const Descriptor& pipe) {
  unsigned char status = 1;
  ssize_t n;
  do n = ::read(pipe.get(), &status, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) std::fprintf(stderr, "smhostd: the supervisor ended before it was ready; the system's log may say why\n");
  ::_exit(n == 1 ? status : 1);
}

}  // namespace

Result<Daemon> Daemon::Begin() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return FailErrno("make a pipe", "supervisor", errno);
  Descriptor reader(ends[0]), writer(ends[1]);
  pid_t child = ::fork();
  if (child < 0) return FailErrno("fork", "supervisor", errno);
  if (child > 0) {
    writer.Reset();
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    EndWithStatusOf(reader);
  }
  reader.Reset();
  ::setsid();
  // A second fork: no longer the session's leader, it never gets a terminal again.
  pid_t grandchild = ::fork();
  if (grandchild < 0) return FailErrno("fork", "supervisor", errno);
  if (grandchild > 0) ::_exit(0);
  return Daemon(std::move(writer));
}

void Daemon::Ready(const std::string& stderr_path) {
  if (::chdir("/") != 0) std::perror("smhostd: /");
  int null_fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  int log = ::open(stderr_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(null_fd, 0);
  ::dup2(null_fd, 1);
  ::dup2(log >= 0 ? log : null_fd, 2);
  if (null_fd > 2) ::close(null_fd);
  if (log > 2) ::close(log);
  Tell(0);
}

void Daemon::Failed(int status) { Tell(status); }

void Daemon::Tell(int status) {
  auto byte = static_cast<unsigned char>(status);
  // The caller may be gone (its pipe closed): nobody to tell then.
  if (::write(status_.get(), &byte, 1) < 0) errno = 0;
  status_.Reset();
}

}  // namespace smhost
