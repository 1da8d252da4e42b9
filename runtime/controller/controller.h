// The reconciler: observe → plan → execute. Owns statuses, journals and history; starts and ends templates and instances;
// tells the gateway where requests go. One thread, one loop, no mutex; slow work is a child. Killed at any moment, its
// successor goes on from the journals and the processes that live.
//
// A tick: documents are read if one changed; routes are written from what is ready; each endpoint's next action is asked
// of planning/endpoint_plan and executed, until there is none; statuses are written; unneeded templates and snapshots go.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "artifacts/snapshots.h"
#include "base/event_loop.h"
#include "base/files.h"
#include "controller/desired.h"
#include "controller/fetches.h"
#include "controller/folder_watch.h"
#include "controller/gateway_link.h"
#include "controller/instances.h"
#include "controller/templates.h"
#include "state/history.h"
#include "state/store.h"

namespace smhost {

class Controller {
 public:
  // `want_launcher` asks the supervisor to start one (or to say that one runs).
  Controller(EventLoop& loop, Files& files, const Clock& clock, const Home& home, std::function<void()> want_launcher);

  // Recovers what a crash cut short, adopts what lives, and begins. An error: this home cannot be used.
  Status Start();

 private:
  struct Endpoint {
    Journal journal;
    std::optional<Resource> resource;  // none: nobody wants it any more
    std::optional<Desired> desired;
    Json generations = Json::object();
    Json status;                       // as written last
    bool journal_held = false;         // the journal could not be written: nothing is done until it can
  };

  void Wake();             // a tick soon; many calls, one tick
  void Tick();
  void LoadDocuments();
  void LoadAccount(const std::string& account);
  void LoadJournals(const std::string& account);
  void Compose(Endpoint& endpoint, const std::map<std::string, Resource>& configs,
               const std::map<std::string, Resource>& models);
  void Route();
  void Converge(const EndpointKey& key, Endpoint& endpoint);
  Observed Observe(const EndpointKey& key, const Endpoint& endpoint) const;
  // False: it could not be done now; the loop for this endpoint ends until something changes.
  bool Execute(const EndpointKey& key, Endpoint& endpoint, const Action& action);
  bool SaveJournal(const EndpointKey& key, Endpoint& endpoint, Journal next);
  bool Begin(const EndpointKey& key, Endpoint& endpoint);
  void ForgetEndpoint(const EndpointKey& key);
  void WriteStatus(const EndpointKey& key, Endpoint& endpoint);
  void Clean();
  void Note(const EndpointKey& key, const std::string& reason, const std::string& message, bool warning);
  const VariantSpec* FindVariant(const Endpoint& endpoint, const std::string& fleet, const std::string& variant) const;
  void WatchFolders();
  void RetrySoon();
  void LookAgain(MonotonicTime at);

  EventLoop& loop_;
  Files& files_;
  const Clock& clock_;
  const Home& home_;
  Store store_;
  SnapshotStore snapshots_;
  std::optional<History> history_;  // none where it could not be opened: a convenience, not a need
  Machine machine_;
  std::map<EndpointKey, Endpoint> endpoints_;
  std::unique_ptr<GatewayLink> gateway_;
  std::unique_ptr<Templates> templates_;
  std::unique_ptr<Instances> instances_;
  std::unique_ptr<Fetches> fetches_;
  FolderWatch watch_;
  std::function<void()> want_launcher_;
  bool documents_changed_ = true, tick_soon_ = false, sweep_wanted_ = true, journals_doubtful_ = false;
  std::optional<MonotonicTime> look_again_at_;
  EventLoop::Timer look_again_timer_ = 0;
};

}  // namespace smhost
