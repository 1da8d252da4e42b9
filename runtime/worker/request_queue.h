// What waits between an instance's I/O thread (Push, Cancel, Drop, Close) and its inference thread (Take, Done).
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "worker/request.h"

namespace smhost {

class RequestQueue {
 public:
  RequestQueue(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

  // False: it is full, and `request` is untouched.
  bool Push(Request& request);
  // Forgets the request of that connection with that id, or all of that connection, if the inference thread has not
  // taken them yet.
  void Cancel(const ReplyPort* port, std::uint64_t id);
  void Drop(const ReplyPort* port);
  // No Take after this gives anything.
  void Close();
  // Requests in the queue, and those taken for which Done was not called yet.
  std::size_t Outstanding();

  struct Batch {
    std::vector<Request> requests;     // empty: closed
    MonotonicTime first_taken, taken;  // between them it waited for others to join
  };
  // Waits for a request, then up to `delay` for others until there are `most`.
  Batch Take(std::size_t most, std::chrono::microseconds delay);
  void Done(std::size_t count);

 private:
  const std::size_t most_, most_bytes_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Request> waiting_;
  std::size_t bytes_ = 0, taken_ = 0, wanted_ = 1;
  bool closed_ = false;
};

}  // namespace smhost
