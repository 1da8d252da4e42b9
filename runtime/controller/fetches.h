// Fetching and unpacking artifacts, each in a child process of its own (`smhostd fetch`), so that hostile bytes are
// parsed where nothing can be lost. Tries again what the environment spoiled. The controller's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/event_loop.h"
#include "controller/answering_child.h"
#include "controller/instances.h"
#include "planning/endpoint_plan.h"
#include "state/home.h"

namespace smhost {

class Fetches {
 public:
  // `make_room`: something failed for want of what is there another time, a disk's space for one; asked before it is tried
  // again.
  Fetches(EventLoop& loop, const Home& home, std::function<void()> changed, std::function<void()> make_room, Instances::Note note);
  ~Fetches();

  // A variant that has a digest already takes no other bytes.
  void Start(const EndpointKey& endpoint, const VariantSpec& variant);
  void Forget(const EndpointKey& endpoint);  // what was fetched for it; ends what runs
  std::map<std::string, ObservedFetch> Observe(const EndpointKey& endpoint) const;
  bool Any() const { return !fetches_.empty(); }
  bool AnyRuns() const;
  std::set<std::string> Digests() const;  // of what was fetched

 private:
  struct Fetch {
    ObservedFetch seen;
    std::string url, digest;
    std::uint64_t max_bytes = 0;
    Duration timeout{};
    int tries = 0;
    std::unique_ptr<AnsweringChild> child;
    EventLoop::Timer retry = 0;
  };
  using Key = std::pair<EndpointKey, std::string>;

  void Run(const Key& key, Fetch& fetch);
  void Finish(const Key& key, Fetch& fetch, const std::string& text, int status);
  void Fail(const Key& key, Fetch& fetch, const std::string& code, const std::string& message);
  void Stop(Fetch& fetch);

  EventLoop& loop_;
  const Home& home_;
  std::function<void()> changed_, make_room_;
  Instances::Note note_;
  std::map<Key, std::unique_ptr<Fetch>> fetches_;
};

}  // namespace smhost
