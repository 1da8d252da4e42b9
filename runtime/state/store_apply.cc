// Store: what changes resources.
#include <algorithm>
#include <set>

#include "base/failpoint.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"
#include "resources/name.h"
#include "resources/public_route.h"
#include "state/document.h"
#include "state/document_batch.h"
#include "state/naming.h"
#include "state/store.h"

namespace smhost {
namespace {

struct Reference {
  Kind kind;
  std::string name;
};

std::vector<Reference> ReferencesOf(const Document& document) {
  std::vector<Reference> references;
  if (document.kind == Kind::kEndpoint) {
    std::string name = StringOr(document.properties, "EndpointConfigName");
    if (!name.empty()) references.push_back({Kind::kEndpointConfig, name});
  }
  if (document.kind == Kind::kEndpointConfig) {
    for (const char* variants : {"ProductionVariants", "ShadowProductionVariants"}) {
      for (const Json& variant : MemberOr(document.properties, variants)) {
        std::string name = StringOr(variant, "ModelName");
        if (!name.empty()) references.push_back({Kind::kModel, name});
      }
    }
  }
  return references;
}

Status CheckDocument(const Document& document) {
  SMHOST_TRY_STATUS(ValidateName(document.kind, document.name));
  const KindInfo& info = InfoOf(document.kind);
  std::string label = ResourceLabel(document.kind, document.name);
  if (!document.properties.is_object()) return Fail(Code::kInvalid, label + ": Properties must be an object", label);
  const Json& name = MemberOr(document.properties, info.name_property);
  if (!name.is_null() && name != document.name)
    return Fail(Code::kInvalid, label + ": Properties." + info.name_property + " names another: " + CompactJson(name),
                label);
  return {};
}

// A path leads to one route. Two accounts that take one at the same moment are not seen here: the older route serves it then.
Status CheckPaths(Store& store, const std::string& account, const std::vector<Document>& documents) {
  std::map<std::string, const Document*> wanted;
  for (const Document& document : documents) {
    if (document.kind != Kind::kPublicRoute) continue;
    const std::string path = ViewPublicRoute(document.name, document.properties).path, label = ResourceLabel(document.kind, document.name);
    if (!wanted.emplace(path, &document).second)
      return Fail(Code::kInvalid, label + ": Path " + path + " stands in two routes of the documents; give one of them another", label);
  }
  if (wanted.empty()) return {};
  SMHOST_TRY(const auto accounts, store.Accounts());
  for (const std::string& owner : accounts) {
    SMHOST_TRY(const Listing listing, store.List(owner, Kind::kPublicRoute));
    for (const Resource& other : listing.resources) {
      const auto taken = [&](const Document& one) { return owner == account && one.kind == other.kind && one.name == other.name; };
      if (std::any_of(documents.begin(), documents.end(), taken)) continue;  // it moves, or stays, by these documents
      const std::string path = ViewPublicRoute(other.name, other.properties).path;
      const auto found = wanted.find(path);
      if (found == wanted.end()) continue;
      const std::string label = ResourceLabel(Kind::kPublicRoute, found->second->name);
      return Fail(Code::kInvalid, label + ": Path " + path + " is that of " + (owner == account ? "route " + other.name : "a route of another account") + "; give this one another Path", label);
    }
  }
  return {};
}

Status CheckDocuments(const std::vector<Document>& documents) {
  if (documents.size() > limits::kResourcesPerApply)
    return Fail(Code::kTooLarge, std::to_string(documents.size()) + " resources in one apply: at most " +
                                     std::to_string(limits::kResourcesPerApply) + " are allowed; split the documents");
  std::set<std::pair<Kind, std::string>> seen;
  for (const Document& document : documents) {
    SMHOST_TRY_STATUS(CheckDocument(document));
    if (seen.insert({document.kind, LowerCase(document.name)}).second) continue;
    std::string label = ResourceLabel(document.kind, document.name);
    return Fail(Code::kInvalid,
                label + ": stands twice in the documents (names that differ by case alone are the same)", label);
  }
  return {};
}

}  // namespace

Result<Store::Lock> Store::LockAccount(const std::string& account, std::chrono::seconds wait) {
  if (!files_.Exists(home_.Account(account))) SMHOST_TRY_STATUS(files_.MakeFolders(home_.Account(account), 0700));
  auto lock = files_.Lock(home_.AccountLock(account), wait);
  if (!lock && lock.error().code == Code::kConflict)
    return Fail(Code::kConflict, home_.AccountLock(account) + ": another command has been writing to account " +
                                     account + " for " + std::to_string(wait.count()) +
                                     " s; try again when it is done");
  return lock;
}

// An ARN has the name in lower case, so two names that differ by case alone would be one resource to AWS clients.
Status Store::CheckSpelling(const std::string& account, const std::vector<Document>& documents) {
  std::map<Kind, std::map<std::string, std::string>> stored;
  for (const Document& document : documents) {
    if (stored.count(document.kind) == 0) {
      SMHOST_TRY(auto names, NamesIn(ResourceFolder(account, document.kind)));
      for (const std::string& name : names) stored[document.kind].emplace(LowerCase(name), name);
    }
    auto same = stored[document.kind].find(LowerCase(document.name));
    if (same == stored[document.kind].end() || same->second == document.name) continue;
    std::string label = ResourceLabel(document.kind, document.name);
    return Fail(Code::kConflict,
                label + ": exists already as \"" + same->second +
                    "\"; names that differ by case alone are the same: use that spelling or another name",
                label);
  }
  return {};
}

Status Store::CheckReferences(const std::string& account, const std::vector<Document>& documents) {
  std::set<std::pair<Kind, std::string>> present;
  for (const Document& document : documents) present.insert({document.kind, document.name});
  std::string message, label;
  for (const Document& document : documents) {
    for (const Reference& reference : ReferencesOf(document)) {
      if (present.count({reference.kind, reference.name}) != 0) continue;
      bool stored = IsName(reference.name) && files_.Exists(ResourcePath(account, reference.kind, reference.name));
      present.insert({reference.kind, reference.name});  // told once
      if (stored) continue;
      if (message.empty()) label = ResourceLabel(document.kind, document.name);
      message += (message.empty() ? "" : " ") + NotFound(account, reference.kind, reference.name).value().message;
    }
  }
  if (message.empty()) return {};
  return Fail(Code::kInvalid, message, label);
}

Result<Outcome> Store::PlanOne(const std::string& account, const Document& document, const std::string& now) {
  Outcome outcome;
  Resource& resource = outcome.resource;
  auto stored = ReadResource(account, document.kind, document.name);
  if (stored) {
    resource = std::move(stored->value);
    outcome.before = resource.properties;
  } else if (stored.error().code == Code::kNotFound || stored.error().code == Code::kCorrupt) {
    outcome.change = Change::kCreated;
    resource.kind = document.kind;
    resource.name = document.name;
    resource.arn = ArnOf(account, document.kind, document.name);
    resource.uid = RandomHex(16);
    resource.creation_time = now;
  } else {
    return Fail(std::move(stored).error());
  }
  Json properties = document.properties;
  properties[InfoOf(document.kind).name_property] = document.name;
  if (stored && properties == resource.properties) return outcome;
  if (stored) outcome.change = Change::kChanged;
  resource.properties = std::move(properties);
  resource.generation += 1;
  resource.last_modified_time = now;
  return outcome;
}

Status Store::CheckGeneration(const std::string& account, const Outcome& outcome, std::uint64_t expected) {
  const Resource& resource = outcome.resource;
  std::uint64_t stored = outcome.change == Change::kUnchanged ? resource.generation : resource.generation - 1;
  if (stored == expected) return {};
  std::string label = ResourceLabel(resource.kind, resource.name);
  if (expected == 0)
    return Fail(Code::kConflict,
                std::string("Cannot create already existing ") + InfoOf(resource.kind).prose + " \"" +
                    ArnOf(account, resource.kind, resource.name) + "\".",
                label);
  return Fail(Code::kConflict,
              label + ": somebody changed it meanwhile: it has generation " + std::to_string(stored) + ", not " +
                  std::to_string(expected) + "; look at it again and repeat",
              label);
}

Result<std::vector<Outcome>> Store::Plan(const std::string& account, const std::vector<Document>& documents,
                                         const ApplyOptions& options) {
  SMHOST_TRY_STATUS(CheckSpelling(account, documents));
  SMHOST_TRY_STATUS(CheckReferences(account, documents));
  SMHOST_TRY_STATUS(CheckPaths(*this, account, documents));
  std::string now = FormatIso8601(clock_.Wall());
  std::vector<Outcome> outcomes;
  for (const Document& document : documents) {
    std::string note;
    if (!options.dry_run) {
      SMHOST_TRY(auto incident, RepairResource(account, document.kind, document.name));
      if (incident) note = incident->message;
    }
    SMHOST_TRY(Outcome outcome, PlanOne(account, document, now));
    const auto steer = options.steer.find({document.kind, document.name});
    if (steer != options.steer.end()) steer->second(outcome.resource);
    if (outcome.change == Change::kUnchanged && (steer != options.steer.end() || options.retry.count({document.kind, document.name}) != 0)) {
      outcome.change = Change::kRetried;
      outcome.resource.generation += 1;
      outcome.resource.last_modified_time = now;
    }
    outcome.note = std::move(note);
    auto expected = options.expected_generations.find({document.kind, document.name});
    if (expected != options.expected_generations.end())
      SMHOST_TRY_STATUS(CheckGeneration(account, outcome, expected->second));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

Status Store::MakeResourceFolder(const std::string& account, Kind kind) {
  if (files_.Exists(ResourceFolder(account, kind))) return {};
  // Another command may have made the account's folder and not yet synced it: nothing below may be acknowledged before.
  SMHOST_TRY_STATUS(files_.SyncFolder(FolderOf(home_.Account(account))));
  SMHOST_TRY_STATUS(files_.SyncFolder(home_.Account(account)));
  return files_.MakeFolders(ResourceFolder(account, kind), 0700);
}

Status Store::Write(const std::string& account, const std::vector<Outcome>& outcomes) {
  std::vector<NewDocument> changed;
  std::set<std::string> unchanged_folders;
  for (const Outcome& outcome : outcomes) {
    const Resource& resource = outcome.resource;
    NewDocument document{ResourcePath(account, resource.kind, resource.name), ""};
    if (outcome.change == Change::kUnchanged) {
      unchanged_folders.insert(FolderOf(document.path));
      continue;
    }
    document.text = EncodeResource(resource);
    if (document.text.size() > limits::kStateFileBytes)
      return Fail(Code::kTooLarge,
                  ResourceLabel(resource.kind, resource.name) + ": is larger than the " +
                      std::to_string(limits::kStateFileBytes) + " bytes that a stored document may have",
                  ResourceLabel(resource.kind, resource.name));
    changed.push_back(std::move(document));
  }
  for (const Outcome& outcome : outcomes) SMHOST_TRY_STATUS(MakeResourceFolder(account, outcome.resource.kind));
  if (!changed.empty()) SMHOST_TRY_STATUS(WriteBatch(files_, home_.Account(account), changed));
  // An earlier try may have put the same document there and failed to make that durable.
  for (const std::string& folder : unchanged_folders) SMHOST_TRY_STATUS(files_.SyncFolder(folder));
  return {};
}

Result<std::vector<Outcome>> Store::Apply(const std::string& account, const std::vector<Document>& documents,
                                          const ApplyOptions& options) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(CheckDocuments(documents));
  if (options.dry_run) return Plan(account, documents, options);
  SMHOST_TRY(Lock lock, LockAccount(account));
  std::vector<Incident> incidents;
  SMHOST_TRY_STATUS(FinishPending(account, incidents));
  SMHOST_FAILPOINT_STATUS(apply_locked);
  SMHOST_TRY(auto outcomes, Plan(account, documents, options));
  SMHOST_TRY_STATUS(Write(account, outcomes));
  SMHOST_FAILPOINT(apply_done);
  return outcomes;
}

Result<std::map<Kind, Listing>> Store::ListAll(const std::string& account) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY(Lock lock, LockAccount(account, std::chrono::seconds(0)));
  std::vector<Incident> incidents;
  SMHOST_TRY_STATUS(FinishPending(account, incidents));
  std::map<Kind, Listing> all;
  for (const KindInfo& info : Kinds()) {
    SMHOST_TRY(all[info.kind], List(account, info.kind));
  }
  all.begin()->second.incidents.insert(all.begin()->second.incidents.end(), incidents.begin(), incidents.end());
  return all;
}

Result<Store::Lock> Store::LockResource(const std::string& account, Kind kind, const std::string& name) {
  SMHOST_TRY_STATUS(CheckAccount(account));
  SMHOST_TRY_STATUS(ValidateName(kind, name));
  if (!files_.Exists(home_.Account(account))) return NotFound(account, kind, name);
  SMHOST_TRY(Lock lock, LockAccount(account));
  std::vector<Incident> incidents;
  SMHOST_TRY_STATUS(FinishPending(account, incidents));
  SMHOST_TRY(auto repaired, RepairResource(account, kind, name));
  return lock;
}

Result<Resource> Store::ChangeStored(const std::string& account, Kind kind, const std::string& name,
                                     const std::function<Status(Outcome&)>& change) {
  SMHOST_TRY(Lock lock, LockResource(account, kind, name));
  SMHOST_TRY(Stored<Resource> stored, ReadResource(account, kind, name));
  Outcome outcome{Change::kChanged, std::move(stored.value), {}, {}};
  SMHOST_TRY_STATUS(change(outcome));
  SMHOST_TRY_STATUS(Write(account, {outcome}));
  return std::move(outcome.resource);
}

Result<Resource> Store::Steer(const std::string& account, const std::string& endpoint,
                              const std::function<Status(Resource&)>& change) {
  return ChangeStored(account, Kind::kEndpoint, endpoint, [&](Outcome& outcome) -> Status {
    const std::uint64_t before = outcome.resource.generation;
    SMHOST_TRY_STATUS(change(outcome.resource));
    if (outcome.resource.generation != before) outcome.resource.last_modified_time = FormatIso8601(clock_.Wall());
    return {};
  });
}

Result<Resource> Store::Retag(const std::string& account, Kind kind, const std::string& name,
                              const std::function<Status(Json& tags)>& change) {
  return ChangeStored(account, kind, name, [&](Outcome& outcome) -> Status {
    Json& properties = outcome.resource.properties;
    Json tags = MemberOr(properties, "Tags");
    if (!tags.is_array()) tags = Json::array();
    const Json before = tags;
    SMHOST_TRY_STATUS(change(tags));
    if (tags == before) outcome.change = Change::kUnchanged;
    else if (tags.empty()) properties.erase("Tags");
    else properties["Tags"] = std::move(tags);
    return {};
  });
}

Result<Resource> Store::Delete(const std::string& account, Kind kind, const std::string& name,
                               std::optional<std::uint64_t> expected_generation) {
  SMHOST_TRY(Lock lock, LockResource(account, kind, name));
  auto stored = ReadResource(account, kind, name);
  if (!stored && stored.error().code == Code::kNotFound && files_.Exists(ResourceFolder(account, kind)))
    // An earlier try may have removed it and failed to make that durable.
    SMHOST_TRY_STATUS(files_.SyncFolder(ResourceFolder(account, kind)));
  Resource resource;
  if (stored) {
    resource = std::move(stored->value);
  } else if (stored.error().code == Code::kCorrupt && !expected_generation) {
    resource.kind = kind;
    resource.name = name;
  } else {
    return Fail(std::move(stored).error());
  }
  Outcome seen{Change::kUnchanged, resource, {}, {}};
  if (expected_generation) SMHOST_TRY_STATUS(CheckGeneration(account, seen, *expected_generation));
  SMHOST_TRY_STATUS(RemoveDurably(files_, ResourcePath(account, kind, name)));
  return resource;
}

}  // namespace smhost
