#include "api_server/api_server.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "api_server/front_door.h"
#include "api_server/socket_exchange.h"
#include "base/limits_api.h"
#include "base/log.h"
#include "base/sockets.h"

namespace smhost {
namespace {

constexpr int kBacklog = 256;

std::string OwnSocket(const Home& home) { return home.Run() + "/api-" + std::to_string(::getpid()) + ".sock"; }

ino_t InodeOf(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

// Under a name of its own first: at no moment is the path without somebody who listens.
Result<Descriptor> ListenInPlace(const Home& home, ino_t& inode) {
  const std::string fresh = OwnSocket(home);
  SMHOST_TRY(Descriptor listener, ListenUnix(fresh, SocketKind::kStream, kBacklog));
  inode = InodeOf(fresh);
  if (::rename(fresh.c_str(), home.ApiSocket().c_str()) != 0) return FailErrno("put in place", home.ApiSocket(), errno);
  return listener;
}

}  // namespace

ApiServer::ApiServer(EventLoop& loop, Home home) : loop_(loop), home_(std::move(home)) {}

ApiServer::~ApiServer() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    for (int fd : at_work_) ::shutdown(fd, SHUT_RDWR);
  }
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Status ApiServer::Start() {
  wake_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return FailErrno("make", "an eventfd", errno);
  loop_.OnReadable(wake_.get(), [this] { OnDone(); });
  SMHOST_TRY(listener_, ListenInPlace(home_, inode_));
  listening_ = true;
  loop_.OnReadable(listener_.get(), [this] { Accept(); });
  return {};
}

void ApiServer::Accept() {
  if (AcceptWaiting(limits::kApiRequestsAtOnce)) return;
  listening_ = false;
  loop_.Forget(listener_.get());
}

// False: there may be more, and so many are taken.
bool ApiServer::AcceptWaiting(std::size_t most) {
  while (taken_ < most) {
    auto connection = AcceptConnection(listener_);
    if (!connection) return true;
    ++taken_;
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(*connection));
    if (idle_ < waiting_.size()) threads_.emplace_back([this] { WorkerLoop(); });
    work_.notify_one();
  }
  return false;
}

void ApiServer::OnDone() {
  std::uint64_t count = 0;
  if (::read(wake_.get(), &count, sizeof count) < 0) return;
  {
    std::lock_guard lock(mutex_);
    taken_ -= std::exchange(done_, 0);
  }
  if (draining_) {
    if (taken_ == 0) loop_.Stop();
  } else if (!listening_ && taken_ < limits::kApiRequestsAtOnce) {
    listening_ = true;
    loop_.OnReadable(listener_.get(), [this] { Accept(); });
  }
}

void ApiServer::Drain() {
  if (draining_) return loop_.Stop();
  spdlog::info("api: draining");
  draining_ = true;
  Withdraw();
  if (listening_) loop_.Forget(listener_.get());
  listening_ = false;
  AcceptWaiting(std::numeric_limits<std::size_t>::max());  // who connected before we were told is served
  listener_.Reset();
  if (taken_ == 0) loop_.Stop();
}

// Nobody finds us any more; who finds nobody tries again until the next one listens. If the path is the next one's already, it
// gets it back.
void ApiServer::Withdraw() {
  const std::string aside = OwnSocket(home_);
  if (::rename(home_.ApiSocket().c_str(), aside.c_str()) != 0) return;
  if (InodeOf(aside) == inode_) ::unlink(aside.c_str());
  else if (::rename(aside.c_str(), home_.ApiSocket().c_str()) != 0) spdlog::error("{}: cannot be put back", home_.ApiSocket());
}

void ApiServer::WorkerLoop() {
  FrontDoor door(home_);
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (ending_) return;
    Descriptor connection = std::move(waiting_.front());
    waiting_.pop_front();
    at_work_.push_back(connection.get());
    lock.unlock();
    ServeConnection(connection, door);
    lock.lock();
    std::erase(at_work_, connection.get());
    connection.Reset();
    ++done_;
    std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }
}

}  // namespace smhost
