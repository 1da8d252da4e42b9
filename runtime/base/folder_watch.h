// Tells when a document in the state directory was written or removed (inotify). What it was is not told: whoever is
// called looks at all of them, so a lost or merged notice costs nothing. On the event loop's thread: the controller's, and
// the gateway's main one.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/descriptor.h"
#include "base/event_loop.h"
#include "base/result.h"

namespace smhost {

class FolderWatch {
 public:
  FolderWatch(EventLoop& loop, std::function<void()> changed);
  ~FolderWatch();
  // Once for each folder; done too if it is watched already.
  Status Add(const std::string& folder);

 private:
  void Read();

  EventLoop& loop_;
  std::function<void()> changed_;
  Descriptor inotify_;
  std::map<std::string, int> watches_;
};

}  // namespace smhost
