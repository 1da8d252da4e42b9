#include "worker/request_queue.h"

#include <algorithm>

namespace smhost {

bool RequestQueue::Push(Request& request) {
  std::unique_lock lock(mutex_);
  if (waiting_.size() >= most_ || bytes_ + request.body.size() > most_bytes_) return false;
  bytes_ += request.body.size();
  waiting_.push_back(std::move(request));
  bool enough = waiting_.size() >= wanted_;
  lock.unlock();
  if (enough) changed_.notify_one();
  return true;
}

void RequestQueue::Cancel(const ReplyPort* port, std::uint64_t id) {
  std::lock_guard lock(mutex_);
  auto it = std::find_if(waiting_.begin(), waiting_.end(),
                         [&](const Request& r) { return r.port.get() == port && r.id == id; });
  if (it == waiting_.end()) return;
  bytes_ -= it->body.size();
  waiting_.erase(it);
}

void RequestQueue::Drop(const ReplyPort* port) {
  std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const Request& r) {
    if (r.port.get() != port) return false;
    bytes_ -= r.body.size();
    return true;
  });
}

void RequestQueue::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::size_t RequestQueue::Outstanding() {
  std::lock_guard lock(mutex_);
  return waiting_.size() + taken_;
}

RequestQueue::Batch RequestQueue::Take(std::size_t most, std::chrono::microseconds delay) {
  std::unique_lock lock(mutex_);
  Batch batch;
  while (batch.requests.empty()) {
    wanted_ = 1;
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return batch;
    batch.first_taken = std::chrono::steady_clock::now();
    if (delay.count() > 0 && waiting_.size() < most) {
      wanted_ = most;
      // From the oldest one's arrival: who has waited behind a long call waits no more.
      changed_.wait_until(lock, waiting_.front().arrived + delay, [&] { return closed_ || waiting_.size() >= most; });
      if (closed_) return batch;
    }
    for (; !waiting_.empty() && batch.requests.size() < most; waiting_.pop_front()) {
      bytes_ -= waiting_.front().body.size();
      batch.requests.push_back(std::move(waiting_.front()));
    }
  }
  batch.taken = std::chrono::steady_clock::now();
  taken_ = batch.requests.size();
  return batch;
}

void RequestQueue::Done(std::size_t count) {
  std::lock_guard lock(mutex_);
  taken_ -= count;
}

}  // namespace smhost
