#include "api_server/api_server.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "api_server/front_door.h"
#include "api_server/socket_exchange.h"
#include "base/limits_api.h"
#include "base/log.h"
#include "base/sockets.h"

namespace smhost {
namespace {

constexpr int kBacklog = 256;

// Under a name of its own first: at no moment is the path without somebody who listens.
Result<Descriptor> ListenInPlace(const Home& home) {
  const std::string fresh = home.Run() + "/api-" + std::to_string(::getpid()) + ".sock";
  SMHOST_TRY(Descriptor listener, ListenUnix(fresh, SocketKind::kStream, kBacklog));
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
  SMHOST_TRY(listener_, ListenInPlace(home_));
  listening_ = true;
  loop_.OnReadable(listener_.get(), [this] { Accept(); });
  return {};
}

void ApiServer::Accept() {
  while (taken_ < limits::kApiRequestsAtOnce) {
    auto connection = AcceptConnection(listener_);
    if (!connection) return;
    ++taken_;
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(*connection));
    if (idle_ < waiting_.size()) threads_.emplace_back([this] { WorkerLoop(); });
    work_.notify_one();
  }
  listening_ = false;
  loop_.Forget(listener_.get());
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
  spdlog::info("api: draining {} request(s)", taken_);
  Accept();  // those that connected before we were told
  draining_ = true;
  if (listening_) loop_.Forget(listener_.get());
  listening_ = false;
  if (taken_ == 0) loop_.Stop();
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
