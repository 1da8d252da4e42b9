#include "gateway/gateway_loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <optional>
#include <thread>

#include "gateway/listener.h"

namespace smhost {

struct GatewayLoop::Impl {
  Impl(const GatewayOptions& options, const Home& home, const std::string& region, int loops, SharedByLoops& shared, LoopReports reports)
      : core(options, home, region, loops, shared, std::move(reports)), work(core.io.get_executor()), drain_timer(core.io) {}

  // Looks again and again while connections end: there is no one place where the last one does.
  void WatchDrain(std::function<void()> drained) {
    if (core.Drained()) return drained();
    drain_timer.expires_after(std::chrono::milliseconds(20));
    drain_timer.async_wait([this, drained = std::move(drained)](const ErrorCode& error) {
      if (!error) WatchDrain(drained);
    });
  }

  LoopCore core;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  LoopTimer drain_timer;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::thread thread;
};

GatewayLoop::GatewayLoop(const GatewayOptions& options, const Home& home, const std::string& region, int loops, SharedByLoops& shared, LoopReports reports)
    : impl_(std::make_unique<Impl>(options, home, region, loops, shared, std::move(reports))) {}

GatewayLoop::~GatewayLoop() { Stop(); }

Status GatewayLoop::Start(int tcp_fd, int unix_fd) {
  for (auto [fd, origin] : {std::pair(tcp_fd, Origin::kTcp), std::pair(unix_fd, Origin::kUnix)}) {
    if (fd < 0) continue;
    Descriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 10));
    if (!copy) return FailErrno("copy", "listening socket " + std::to_string(fd), errno);
    ::fcntl(copy.get(), F_SETFL, ::fcntl(copy.get(), F_GETFL) | O_NONBLOCK);
    impl_->listeners.push_back(std::make_unique<Listener>(impl_->core, std::move(copy), origin));
  }
  impl_->core.room_again = [impl = impl_.get()] {
    for (auto& listener : impl->listeners) listener->RoomAgain();
  };
  for (auto& listener : impl_->listeners) listener->Start();
  impl_->thread = std::thread([impl = impl_.get()] {
    ::pthread_setname_np(::pthread_self(), "loop");
    impl->core.io.run();
  });
  return {};
}

void GatewayLoop::Post(std::function<void(LoopCore&)> work) {
  asio::post(impl_->core.io, [impl = impl_.get(), work = std::move(work)] {
    work(impl->core);
    impl->core.Settle();
  });
}

void GatewayLoop::SetRoutes(std::shared_ptr<const RouteTable> routes, std::shared_ptr<const CounterSlots> slots,
                            std::shared_ptr<const PublicRoutes> public_routes, std::function<void(std::vector<std::string>)> taken) {
  Post([routes = std::move(routes), slots = std::move(slots), open = std::move(public_routes), taken = std::move(taken)](LoopCore& core) {
    core.generation = routes->generation;
    core.public_routes = open;
    taken(core.dispatcher.SetRoutes(*routes, *slots));
  });
}

void GatewayLoop::SetKeys(std::shared_ptr<const KeyRing> keys) {
  Post([keys = std::move(keys)](LoopCore& core) { core.keys = keys; });
}

void GatewayLoop::SetTls(std::shared_ptr<const TlsContext> tls) {
  Post([tls = std::move(tls)](LoopCore& core) { core.tls = tls; });
}

void GatewayLoop::Drain(std::function<void()> drained) {
  Post([impl = impl_.get(), drained = std::move(drained)](LoopCore& core) {
    for (auto& listener : impl->listeners) listener->Stop();
    core.BeginDrain();
    impl->WatchDrain(drained);
  });
}

void GatewayLoop::Stop() {
  if (!impl_->thread.joinable()) return;
  Post([impl = impl_.get()](LoopCore& core) {
    for (auto& listener : impl->listeners) listener->Stop();
    core.draining = true;
    core.dispatcher.Stop();
    core.Settle();
    core.CloseAll();
    core.io.stop();
  });
  impl_->thread.join();
}

}  // namespace smhost
