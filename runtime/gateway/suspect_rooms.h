// The instances at which a suspect runs now, of all loops: beside another loop's suspect one might be convicted of what the
// other did. Any thread; touched for suspects alone, so its lock is on no other request's way.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace smhost {

class SuspectRooms {
 public:
  // Called when a room is free that somebody was refused, on the thread that left it. Set before there is a second thread.
  void OnFree(std::function<void()> tell) { tell_ = std::move(tell); }

  bool Enter(const std::string& instance) {
    std::lock_guard lock(mutex_);
    bool entered = taken_.insert(instance).second;
    refused_ = refused_ || !entered;
    return entered;
  }
  void Leave(const std::string& instance) {
    {
      std::lock_guard lock(mutex_);
      taken_.erase(instance);
      if (!std::exchange(refused_, false)) return;
    }
    if (tell_) tell_();
  }

 private:
  std::function<void()> tell_;
  std::mutex mutex_;
  std::set<std::string> taken_;  // guarded by mutex_, as the next
  bool refused_ = false;         // somebody, since the last Leave
};

}  // namespace smhost
