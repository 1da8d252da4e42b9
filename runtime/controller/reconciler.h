// The reconciler: documents in, orders out. At each tick it reads the documents if one changed, asks planning for each
// endpoint's next action and executes it until there is none, gives routes to the gateway and writes statuses. It owns
// journals, statuses and revisions. One thread; no call waits; all that it must remember is in the store, so that one that
// takes over after a crash goes on. Whose clock, files, processes and gateway it works on is its caller's choice.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "controller/desired.h"
#include "controller/machinery.h"
#include "planning/endpoint_condition.h"
#include "state/store.h"

namespace smhost {

class Reconciler {
 public:
  Reconciler(Store& store, const Clock& clock, Machinery& machinery, Machine machine, std::string boot_id);

  // Once, before the first tick. An error: the accounts cannot be listed.
  Status LoadJournals();
  void DocumentsChanged() { documents_changed_ = true; }
  // The folders to watch for documents; asked before each look at them.
  std::function<void()> watch_folders;
  // The alarms of an account, told at each look.
  std::function<void(const std::string& account, std::vector<Resource> alarms)> tell_alarms;

  struct Next {
    std::optional<MonotonicTime> look_again;  // time alone may change something then
    bool retry = false;                       // the disk refused something: tick again in a while
  };
  Next Tick();

  // For tests: what an endpoint's journal says; null: there is no such endpoint.
  const Journal* JournalOf(const EndpointKey& key) const;

 private:
  struct Endpoint {
    Journal journal;
    std::optional<Resource> resource;  // none: nobody wants it any more
    std::optional<Desired> desired;
    Json generations = Json::object();
    Json documents = Json::array();    // that `desired` was composed of
    Json status;                       // as written last
    RouteEndpoint route;               // as published last
    bool journal_held = false;         // unreadable documents and nothing that serves: nothing is done
  };

  void LoadDocuments();
  void LoadAccount(const std::string& account);
  void TakePublicRoutes(const std::string& account, const std::map<std::string, Resource>& found, const std::set<std::string>& damaged);
  void LoadJournal(const std::string& account, const std::string& name);
  static void AssumeWanted(Endpoint& endpoint);
  void Compose(Endpoint& endpoint, const std::map<Kind, std::map<std::string, Resource>>& found);
  Observed Observe(const EndpointKey& key, const Endpoint& endpoint) const;
  void Converge(const EndpointKey& key, Endpoint& endpoint);
  bool Route(const EndpointKey& key, Endpoint& endpoint, const Observed& observed);
  bool PublishRoutes();
  // False: it could not be done now; the loop for this endpoint ends until something changes.
  bool Execute(const EndpointKey& key, Endpoint& endpoint, const Action& action);
  bool ExecuteInWorld(const EndpointKey& key, Endpoint& endpoint, const Action& action);
  bool Save(const EndpointKey& key, Endpoint& endpoint, Journal next);
  void Tell(const EndpointKey& key, const Endpoint& endpoint, const Journal& before, const Action& action);
  void Record(const EndpointKey& key, const Endpoint& endpoint, const Journal& before, const Action& action);
  bool ForgetEndpoint(const EndpointKey& key);
  void WriteStatus(const EndpointKey& key, Endpoint& endpoint);
  std::set<std::string> SpareSnapshots() const;
  void Clean();
  void LookAgain(MonotonicTime at);

  Store& store_;
  const Clock& clock_;
  Machinery& machinery_;
  const Machine machine_;
  const std::string boot_id_;
  std::map<EndpointKey, Endpoint> endpoints_;
  std::map<std::string, std::map<std::string, Resource>> public_routes_;  // by account and name, of the accounts that were read
  bool documents_changed_ = true, sweep_wanted_ = true, journals_doubtful_ = false, routes_changed_ = true;
  bool public_routes_known_ = false;  // each account was read once
  Next next_;
};

}  // namespace smhost
