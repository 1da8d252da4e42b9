// The documents of a state directory: what is wanted (resources), what is (statuses), and the deployments' journals.
//
// Commands and the controller use it, each with an object of its own on one thread. Resources are written under the
// account's lock, durably, the previous copy kept; readers take no lock and see whole documents. Statuses and journals
// are written by the controller alone. Reading never changes anything: a damaged document is reported (the previous
// copy is used where it is good), and Recover, which the controller calls, puts it aside. A document that is there but
// cannot be read is never as if it were deleted: Get says kCorrupt, kNewerFormat or kUnavailable, and List has an
// incident for it.
#pragma once

#include <chrono>
#include <functional>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "resources/kind.h"
#include "state/home.h"
#include "state/stored_file.h"

namespace smhost {

// A document that is not as it should be. No list of resources holds the resource unless previous_used.
struct Incident {
  Code code = Code::kCorrupt;  // kCorrupt, kNewerFormat; kUnavailable, kInvalid: could not be read now
  std::string resource;        // "endpoint/vad", for its journal too; else the account or the file
  std::string message;         // names the file, and where it lies now
  bool previous_used = false;
};

struct Listing {
  std::vector<Resource> resources;  // sorted by name
  std::vector<Incident> incidents;
};

enum class Change { kCreated, kChanged, kUnchanged, kRetried };

struct Outcome {
  Change change = Change::kUnchanged;
  Resource resource;  // as it is stored now (dry run: as it would be)
  Json before;        // the properties it had; null where it is new
  std::string note;   // not empty: what was stored was damaged, and where it lies now
};

struct ApplyOptions {
  bool dry_run = false;
  // Those whose last deployment failed: an unchanged one gets a new generation (kRetried), and so another try.
  std::set<std::pair<Kind, std::string>> retry;
  // What the caller saw: another generation now is a kConflict. 0: must not exist.
  std::map<std::pair<Kind, std::string>, std::uint64_t> expected_generations;
  // What is written into the endpoint along with its document; an unchanged one counts as kRetried.
  std::map<std::pair<Kind, std::string>, std::function<void(Resource&)>> steer;
};

class Store {
 public:
  Store(Files& files, const Clock& clock, Home home, std::string region = kRegion);

  const Home& home() const { return home_; }

  // --- reading, by anybody
  Result<std::vector<std::string>> Accounts();
  Result<Resource> Get(const std::string& account, Kind kind, const std::string& name);
  Result<Listing> List(const std::string& account, Kind kind);
  // The names of a kind's resources, sorted, those of damaged ones too. Opens no document.
  Result<std::vector<std::string>> Names(const std::string& account, Kind kind);
  // All resources of the account as one moment had them: no command is half-way through several documents. kConflict where
  // one is at it now; does not wait.
  Result<std::map<Kind, Listing>> ListAll(const std::string& account);

  // --- writing what is wanted, by commands and the API; waits up to 10 s for the account's lock, then kConflict that
  // names no resource
  // All of the documents or none. kInvalid with AWS's text where a model or configuration they name does not exist.
  Result<std::vector<Outcome>> Apply(const std::string& account, const std::vector<Document>& documents,
                                     const ApplyOptions& options = {});
  // Changes an endpoint under the account's lock: `change` gets the stored resource, steering, properties (which it has
  // checked) and generation are what it may alter; its error is ours.
  Result<Resource> Steer(const std::string& account, const std::string& endpoint,
                         const std::function<Status(Resource&)>& change);
  // Changes a resource's tags under the account's lock: `change` gets the list, empty where there is none; its error is
  // ours. Generation and times stay as they are, so nothing is deployed.
  Result<Resource> Retag(const std::string& account, Kind kind, const std::string& name,
                         const std::function<Status(Json& tags)>& change);
  // What was deleted. A damaged document can be deleted too; its resource has a name only.
  Result<Resource> Delete(const std::string& account, Kind kind, const std::string& name,
                          std::optional<std::uint64_t> expected_generation = std::nullopt);

  // --- statuses: derivable, so not synced; one that was torn by a power cut is kNotFound
  Result<Json> GetStatus(const std::string& account, Kind kind, const std::string& name);
  Status PutStatus(const std::string& account, Kind kind, const std::string& name, const Json& status);
  Status RemoveStatus(const std::string& account, Kind kind, const std::string& name);
  // Names that have a status; a resource that is being deleted may have no document any more.
  Result<std::vector<std::string>> StatusNames(const std::string& account, Kind kind);

  // --- journals: durable, sealed, the previous copy kept and used where the newer one is damaged
  Result<Json> GetJournal(const std::string& account, const std::string& endpoint);
  Status PutJournal(const std::string& account, const std::string& endpoint, Json journal);
  Status RemoveJournal(const std::string& account, const std::string& endpoint);
  Result<std::vector<std::string>> ListJournals(const std::string& account);

  // --- revisions of an endpoint: what was deployed when, and the documents; kept as journals are
  Result<Json> GetRevisions(const std::string& account, const std::string& endpoint);
  Status PutRevisions(const std::string& account, const std::string& endpoint, Json revisions);
  Status RemoveRevisions(const std::string& account, const std::string& endpoint);

  // --- by the controller at its start, and when List or Get told of damage: completes what a crash cut short, sweeps
  // temporary files, moves damaged documents to quarantine/ and puts the previous copy in their place (without one, a
  // mark that makes Get say where the document lies). What cannot be read now is left alone.
  Result<std::vector<Incident>> Recover(const std::string& account);
  // Recover for all accounts (one that cannot be recovered now is an incident), and temporary files in the root that
  // are older than ten minutes.
  Result<std::vector<Incident>> RecoverAll();

 private:
  using Lock = std::unique_ptr<HeldLock>;

  std::string ResourcePath(const std::string& account, Kind kind, const std::string& name) const;
  std::string ResourceFolder(const std::string& account, Kind kind) const;
  std::string JournalFolder(const std::string& account) const;
  std::string ArnOf(const std::string& account, Kind kind, const std::string& name) const;
  tl::unexpected<Error> NotFound(const std::string& account, Kind kind, const std::string& name) const;

  Result<Stored<Resource>> ReadResource(const std::string& account, Kind kind, const std::string& name);
  Result<Json> GetSealed(const std::string& path, const std::string& account, const std::string& endpoint);
  Status PutSealed(const std::string& path, const std::string& account, const std::string& endpoint, Json content);
  Status RemoveSealed(const std::string& path, const std::string& account, const std::string& endpoint);
  // Of `folder`'s files <name>.json, the names that IsName lets pass; none where there is no folder.
  Result<std::vector<std::string>> NamesIn(const std::string& folder);

  // --- store_apply.cc
  Result<Lock> LockAccount(const std::string& account, std::chrono::seconds wait = std::chrono::seconds(10));
  // Before one resource is changed: the lock, and what a crash had cut short is completed.
  Result<Lock> LockResource(const std::string& account, Kind kind, const std::string& name);
  Result<Resource> ChangeStored(const std::string& account, Kind kind, const std::string& name,
                                const std::function<Status(Outcome&)>& change);
  Status CheckSpelling(const std::string& account, const std::vector<Document>& documents);
  Status CheckReferences(const std::string& account, const std::vector<Document>& documents);
  Result<std::vector<Outcome>> Plan(const std::string& account, const std::vector<Document>& documents,
                                    const ApplyOptions& options);
  Result<Outcome> PlanOne(const std::string& account, const Document& document, const std::string& now);
  Status CheckGeneration(const std::string& account, const Outcome& outcome, std::uint64_t expected);
  Status MakeResourceFolder(const std::string& account, Kind kind);
  Status Write(const std::string& account, const std::vector<Outcome>& outcomes);

  // --- store_recover.cc; under the account's lock
  Status FinishPending(const std::string& account, std::vector<Incident>& incidents);
  Result<std::optional<Incident>> RepairResource(const std::string& account, Kind kind, const std::string& name);
  // Of a sealed file: `consequence` is what its loss means.
  Result<std::optional<Incident>> RepairSealed(const std::string& path, const std::string& endpoint, const char* consequence);
  Status RepairAll(const std::string& account, std::vector<Incident>& incidents);
  Status SweepFolder(const std::string& folder);
  Status SweepRoot();
  // The file, and its previous copy too where `both`, get a name in quarantine/; the message says where.
  Result<std::string> PutAside(const std::string& path, bool both);

  Files& files_;
  const Clock& clock_;
  const Home home_;
  const std::string region_;
  std::map<std::string, std::string> status_texts_;  // what we wrote last, by path
};

}  // namespace smhost
