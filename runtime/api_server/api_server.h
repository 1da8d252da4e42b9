// The API process: takes the requests that the gateway passes on and gives each a thread for as long as it lasts. A thread
// has its own store, files and services, so that nothing of a request is shared; it blocks as it likes, since the gateway
// waits for it in no thread. Bytes from outside are parsed here, in a process whose death costs the requests in it and no more.
//
// The main thread accepts, counts and beats; a connection that finds all threads busy waits in the listen queue.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

class ApiServer {
 public:
  ApiServer(EventLoop& loop, Home home);
  // Ends what is at work: their connections are cut.
  ~ApiServer();

  Status Start();
  // Takes no more requests and stops the loop when those that it has are answered. The second call stops at once.
  void Drain();

 private:
  void Accept();
  bool AcceptWaiting(std::size_t most);
  void Withdraw();
  void WorkerLoop();
  void OnDone();

  EventLoop& loop_;
  const Home home_;
  Descriptor listener_, wake_;  // wake_: an eventfd that a thread writes to when it has answered
  ino_t inode_ = 0;        // of our socket's file
  bool listening_ = false, draining_ = false;
  std::size_t taken_ = 0;  // accepted and not answered; the main thread's

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Descriptor> waiting_;   // guarded by mutex_
  std::vector<int> at_work_;         // descriptors of requests in threads; guarded by mutex_
  std::size_t idle_ = 0, done_ = 0;  // guarded by mutex_
  bool ending_ = false;              // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace smhost
