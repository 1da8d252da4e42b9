// The controller: the reconciler over this machine's files, processes and gateway, run by the event loop. It ticks when a
// document changed, when the machinery tells of something new and when time alone asks for it. One thread, no mutex; slow
// work is a child. Killed at any moment, its successor goes on from the journals and the processes that live.
#pragma once

#include <functional>
#include <optional>

#include "base/event_loop.h"
#include "base/files.h"
#include "base/folder_watch.h"
#include "controller/real_machinery.h"
#include "controller/reconciler.h"
#include "state/store.h"

namespace smhost {

class Controller {
 public:
  // `want_launcher` asks the supervisor to start one (or to say that one runs).
  Controller(EventLoop& loop, Files& files, const Clock& clock, const Home& home, std::function<void()> want_launcher);

  // Recovers what a crash cut short, adopts what lives, and begins. An error: this home cannot be used.
  Status Start();

 private:
  void Wake();  // a tick soon; many calls, one tick
  void Tick();
  void LookAgainAt(std::optional<MonotonicTime> at);
  void WatchFolders();

  EventLoop& loop_;
  const Clock& clock_;
  const Home& home_;
  Store store_;
  RealMachinery machinery_;
  Reconciler reconciler_;
  FolderWatch watch_;
  bool tick_soon_ = false;
  EventLoop::Timer look_again_ = 0;
};

}  // namespace smhost
