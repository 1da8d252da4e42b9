// Waits for changes in folders (inotify), so that a verb that follows something sleeps in between. One thread.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "base/descriptor.h"

namespace smhost::cli {

class FolderWatch {
 public:
  FolderWatch();
  // Also watches this folder; nothing happens where it does not exist or is watched already.
  void Add(const std::string& folder);
  // Until something changed in one of them, or the time is over. Where the kernel gives no inotify: 100 ms at most.
  void Wait(std::chrono::milliseconds longest);

 private:
  Descriptor fd_;
  std::set<int> watched_;
};

}  // namespace smhost::cli
