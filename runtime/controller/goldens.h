// Golden sets being tried on the instances of a coming fleet, each in a child process of its own (`smhostd golden`). The
// controller's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/event_loop.h"
#include "controller/answering_child.h"
#include "controller/endpoint_key.h"
#include "controller/instances.h"
#include "planning/golden.h"
#include "state/home.h"

namespace smhost {

class Goldens {
 public:
  Goldens(EventLoop& loop, const Home& home, std::function<void()> changed, Instances::Note note);

  // `set`: the properties of a golden set as JSON, empty: none; `folder`: the snapshot, whose golden/golden.json is tried
  // too where it is there. Nothing happens where the variant of this fleet was begun already; a try on an older fleet ends.
  void Start(const EndpointKey& endpoint, const std::string& fleet, const std::string& variant, const std::string& instance,
             const std::string& set, const std::string& folder);
  void Forget(const EndpointKey& endpoint);  // ends what runs
  std::map<std::string, ObservedGolden> Observe(const EndpointKey& endpoint) const;  // by variant

  // Does a snapshot bring its own?
  static std::string FolderIn(const std::string& snapshot) { return snapshot + "/golden"; }
  static bool IsIn(const std::string& snapshot);

 private:
  struct Trial {
    ObservedGolden seen;
    std::string fleet;
    std::unique_ptr<AnsweringChild> child;
  };
  using Key = std::pair<EndpointKey, std::string>;

  Status Run(const Key& key, Trial& trial, const std::string& instance, const std::string& set, const std::string& snapshot);
  void Finish(const Key& key, Trial& trial, const std::string& text, int status);
  void End(const Key& key, Trial& trial, const std::string& failure);

  EventLoop& loop_;
  const Home& home_;
  std::function<void()> changed_;
  Instances::Note note_;
  std::map<Key, std::unique_ptr<Trial>> trials_;
};

}  // namespace smhost
