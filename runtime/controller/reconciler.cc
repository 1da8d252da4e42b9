#include "controller/reconciler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"
#include "controller/journal_codec.h"
#include "controller/revisions.h"
#include "controller/routing.h"
#include "controller/status_document.h"
#include "planning/journal_step.h"
#include "planning/rollout.h"

namespace smhost {
namespace {

using Act = Action::Kind;

constexpr int kActionsPerTick = 1000;  // of one endpoint; more is our own mistake
constexpr Duration kCommandWrites = std::chrono::milliseconds(5);  // then it is looked whether it has written
const PlanLimits kPlanLimits{limits::kStopGrace, limits::kResponseTimeout + std::chrono::seconds(5)};

std::string StepText(const Journal& journal) {
  const auto steps = ShiftSteps(journal.rollout->policy, *journal.coming);
  const int step = journal.rollout->step;
  const double part = step == 0 ? 0 : steps[static_cast<std::size_t>(step) - 1];
  char text[64];
  std::snprintf(text, sizeof text, "step %d of %zu: %.4g %% of the traffic", step, steps.size(), part * 100);
  return text;
}

}  // namespace

Reconciler::Reconciler(Store& store, const Clock& clock, Machinery& machinery, Machine machine, std::string boot_id)
    : store_(store), clock_(clock), machinery_(machinery), machine_(machine), boot_id_(std::move(boot_id)) {}

const Journal* Reconciler::JournalOf(const EndpointKey& key) const {
  auto it = endpoints_.find(key);
  return it == endpoints_.end() ? nullptr : &it->second.journal;
}

void Reconciler::LookAgain(MonotonicTime at) {
  if (!next_.look_again || at < *next_.look_again) next_.look_again = at;
}

// --- documents

Status Reconciler::LoadJournals() {
  SMHOST_TRY(auto accounts, store_.Accounts());
  for (const auto& account : accounts) {
    auto names = store_.ListJournals(account);
    if (!names) journals_doubtful_ = true;
    else
      for (const auto& name : *names) LoadJournal(account, name);
    // One whose journal is gone and whose status is not was being forgotten.
    for (const auto& name : store_.StatusNames(account, Kind::kEndpoint).value_or(std::vector<std::string>()))
      if (endpoints_.count({account, name}) == 0) AssumeWanted(endpoints_[{account, name}]);
  }
  return {};
}

// As long as its documents could not be read, nobody knows that an endpoint is wanted no more: what there is goes on.
void Reconciler::AssumeWanted(Endpoint& endpoint) {
  const std::optional<Fleet>& fleet = endpoint.journal.coming ? endpoint.journal.coming : endpoint.journal.serving;
  endpoint.journal_held = !fleet;
  if (!fleet) return;
  endpoint.desired.emplace();
  endpoint.desired->endpoint_uid = endpoint.journal.endpoint_uid;
  endpoint.desired->endpoint_generation = endpoint.journal.endpoint_generation;
  endpoint.desired->fleet = *fleet;
}

void Reconciler::LoadJournal(const std::string& account, const std::string& name) {
  auto json = store_.GetJournal(account, name);
  auto journal = json ? JournalFromJson(*json, boot_id_, clock_.Monotonic()) : Fail(json.error());
  if (journal) {
    Endpoint& endpoint = endpoints_[{account, name}];
    endpoint.journal = std::move(*journal);
    AssumeWanted(endpoint);
    return;
  }
  journals_doubtful_ = true;  // its snapshots are not known: none is swept
  machinery_.Note({account, name}, "JournalDamaged", journal.error().message, true);
}

void Reconciler::LoadDocuments() {
  if (watch_folders) watch_folders();  // before reading: what comes between is told
  documents_changed_ = false;
  auto accounts = store_.Accounts();
  if (!accounts) {
    spdlog::error("{}", accounts.error().message);
    documents_changed_ = next_.retry = true;
    return;
  }
  for (const auto& account : *accounts) LoadAccount(account);
  const auto gone = std::erase_if(public_routes_, [&](const auto& one) {
    return std::find(accounts->begin(), accounts->end(), one.first) == accounts->end();
  });
  const bool known = public_routes_known_ || std::all_of(accounts->begin(), accounts->end(), [&](const auto& one) { return public_routes_.count(one) != 0; });
  routes_changed_ = routes_changed_ || gone > 0 || known != public_routes_known_;
  public_routes_known_ = known;
}

void Reconciler::LoadAccount(const std::string& account) {
  std::map<Kind, std::map<std::string, Resource>> found;
  std::set<std::string> damaged;
  auto all = store_.ListAll(account);
  if (!all) {
    documents_changed_ = true;
    if (all.error().code == Code::kConflict) return LookAgain(clock_.Monotonic() + kCommandWrites);
    spdlog::error("{}", all.error().message);
    next_.retry = true;
    return;
  }
  for (auto& [kind, listing] : *all) {
    for (auto& resource : listing.resources) found[kind].emplace(resource.name, std::move(resource));
    for (const auto& incident : listing.incidents) {
      if (!incident.previous_used) damaged.insert(incident.resource);
      spdlog::error("{}", incident.message);
    }
  }
  if (tell_alarms) {
    std::vector<Resource> alarms;
    for (const auto& [name, alarm] : found[Kind::kAlarm]) alarms.push_back(alarm);
    tell_alarms(account, std::move(alarms));
  }
  TakePublicRoutes(account, found[Kind::kPublicRoute], damaged);
  for (auto& [name, resource] : found[Kind::kEndpoint]) endpoints_[{account, name}].resource = resource;
  for (auto& [key, endpoint] : endpoints_) {
    if (key.account != account) continue;
    const bool there = found[Kind::kEndpoint].count(key.name) != 0;
    if (there) {
      Compose(endpoint, found);
    } else if (damaged.count("endpoint/" + key.name) != 0) {
      endpoint.desired.reset();
      AssumeWanted(endpoint);
    } else {
      endpoint.resource.reset();
      endpoint.desired.reset();
      endpoint.journal_held = false;
    }
  }
}

// One whose document cannot be read now stays as it was known.
void Reconciler::TakePublicRoutes(const std::string& account, const std::map<std::string, Resource>& found,
                                  const std::set<std::string>& damaged) {
  std::map<std::string, Resource>& known = public_routes_[account];
  std::map<std::string, Resource> wanted = found;
  for (const auto& [name, route] : known)
    if (damaged.count(std::string(InfoOf(Kind::kPublicRoute).word) + "/" + name) != 0) wanted.emplace(name, route);
  const bool same = std::equal(known.begin(), known.end(), wanted.begin(), wanted.end(), [](const auto& a, const auto& b) {
    return a.second.uid == b.second.uid && a.second.generation == b.second.generation;
  });
  if (same) return;
  known = std::move(wanted);
  routes_changed_ = true;
}

void Reconciler::Compose(Endpoint& endpoint, const std::map<Kind, std::map<std::string, Resource>>& found) {
  Json config_generation = 0, model_generations = Json::object();
  std::map<std::pair<Kind, std::string>, Json> used;
  auto find = [&](Kind kind, const std::string& name) -> const Resource* {
    auto of_kind = found.find(kind);
    if (of_kind == found.end()) return nullptr;
    auto it = of_kind->second.find(name);
    if (it == of_kind->second.end()) return nullptr;
    if (kind == Kind::kModel) model_generations[name] = it->second.generation;
    if (kind == Kind::kEndpointConfig) config_generation = it->second.generation;
    if (kind == Kind::kModel || kind == Kind::kEndpointConfig)
      used[{kind, name}] = {{"Type", InfoOf(kind).type}, {"Properties", it->second.properties}};
    return &it->second;
  };
  const Resource& resource = *endpoint.resource;
  endpoint.journal_held = false;
  endpoint.desired = ComposeDesired(resource, find, machine_, endpoint.journal);
  endpoint.generations = {{"endpoint", resource.generation}, {"endpoint-config", config_generation}, {"models", model_generations}};
  endpoint.documents = Json::array();
  for (auto& [which, document] : used) endpoint.documents.push_back(std::move(document));
  endpoint.documents.push_back({{"Type", InfoOf(Kind::kEndpoint).type}, {"Properties", resource.properties}});
}

// --- the tick

Reconciler::Next Reconciler::Tick() {
  next_ = {};
  if (documents_changed_) LoadDocuments();
  std::vector<EndpointKey> keys;
  for (const auto& [key, endpoint] : endpoints_) keys.push_back(key);
  // All routes first: one endpoint's instance that died does not wait for what is to be done for the others.
  for (const auto& key : keys) {
    Observed observed;
    machinery_.Observe(key, observed);
    Route(key, endpoints_[key], observed);
  }
  PublishRoutes();
  for (const auto& key : keys) {
    Converge(key, endpoints_[key]);
    auto it = endpoints_.find(key);
    if (it != endpoints_.end()) WriteStatus(key, it->second);
  }
  PublishRoutes();
  Clean();
  return next_;
}

bool Reconciler::Route(const EndpointKey& key, Endpoint& endpoint, const Observed& observed) {
  std::string status = ConditionOf(endpoint.desired.has_value(), endpoint.journal, observed.slots).status;
  RouteEndpoint route = RouteOf(key, status, endpoint.journal, observed.instances, clock_.Monotonic());
  if (route == endpoint.route) return false;
  endpoint.route = std::move(route);
  return routes_changed_ = true;
}

bool Reconciler::PublishRoutes() {
  if (!routes_changed_) return true;
  std::vector<RouteEndpoint> routes;
  for (const auto& [key, endpoint] : endpoints_)
    if (!endpoint.route.name.empty()) routes.push_back(endpoint.route);
  if (auto done = machinery_.Publish(routes, public_routes_known_ ? std::optional(PublicRoutesOf(public_routes_)) : std::nullopt); !done) {
    spdlog::error("routes: {}", done.error().message);
    next_.retry = true;
    return false;
  }
  routes_changed_ = false;
  return true;
}

Observed Reconciler::Observe(const EndpointKey& key, const Endpoint& endpoint) const {
  Observed observed;
  machinery_.Observe(key, observed);
  if (routes_changed_) observed.routes_current = false;
  for (const Fleet* fleet : FleetsOf(endpoint.journal)) {
    for (const auto& variant : fleet->variants) {
      if (variant.digest.empty() || !machinery_.HasSnapshot(variant.digest)) continue;
      observed.snapshots.insert(variant.digest);
      if (endpoint.journal.coming && fleet->id == endpoint.journal.coming->id && machinery_.BringsGolden(variant.digest)) observed.golden_snapshots.insert(variant.digest);
    }
  }
  return observed;
}

void Reconciler::Converge(const EndpointKey& key, Endpoint& endpoint) {
  if (endpoint.journal_held) return;
  for (int i = 0; i < kActionsPerTick; ++i) {
    Observed observed = Observe(key, endpoint);
    if (Route(key, endpoint, observed)) {
      if (!PublishRoutes()) return;
      observed = Observe(key, endpoint);
    }
    Action action = NextAction(endpoint.desired, endpoint.journal, observed, kPlanLimits, clock_.Monotonic());
    if (action.kind == Act::kNothing) {
      if (action.look_again) LookAgain(*action.look_again);
      return;
    }
    if (action.kind == Act::kForgetEndpoint) {
      ForgetEndpoint(key);
      return;
    }
    if (!Execute(key, endpoint, action)) return;
  }
  spdlog::error("endpoint {}: more than {} actions in one tick", key.name, kActionsPerTick);
}

bool Reconciler::Save(const EndpointKey& key, Endpoint& endpoint, Journal next) {
  if (auto saved = store_.PutJournal(key.account, key.name, JournalToJson(next, boot_id_)); !saved) {
    machinery_.Note(key, "JournalNotWritten", saved.error().message + "; tried again in 1 s", true);
    next_.retry = true;
    return false;
  }
  endpoint.journal = std::move(next);
  return true;
}

bool Reconciler::Execute(const EndpointKey& key, Endpoint& endpoint, const Action& action) {
  StepContext context{endpoint.desired ? &*endpoint.desired : nullptr, "", clock_.Monotonic()};
  // Unique among the fleets of this name, those of an endpoint deleted before included; a clock may stand still or go back.
  if (action.kind == Act::kBegin) context.new_fleet = "f-" + endpoint.desired->fleet.revision.substr(0, 8) + "-" + RandomHex(6);
  auto next = JournalAfter(endpoint.journal, action, context);
  if (!next) return ExecuteInWorld(key, endpoint, action);
  Journal before = endpoint.journal;
  if (!Save(key, endpoint, std::move(*next))) return false;
  const bool deployment_ended = before.coming && !endpoint.journal.coming;
  if (action.kind == Act::kBegin || deployment_ended) machinery_.ForgetDeployment(key);
  if (action.kind == Act::kBegin) machinery_.WarmLauncher();
  if (action.kind == Act::kForgetFleet) machinery_.ForgetFleet(key, action.fleet);
  // How its places fared under other numbers is no reason to give the new ones up.
  if (action.kind == Act::kResize) machinery_.ForgetFleet(key, endpoint.journal.serving->id);
  sweep_wanted_ = sweep_wanted_ || action.kind == Act::kForgetFleet;
  Record(key, endpoint, before, action);
  Tell(key, endpoint, before, action);
  return true;
}

bool Reconciler::ExecuteInWorld(const EndpointKey& key, Endpoint& endpoint, const Action& action) {
  const VariantSpec* variant = nullptr;
  for (const Fleet* fleet : FleetsOf(endpoint.journal))
    if (fleet->id == action.fleet) variant = FindVariant(*fleet, action.variant);
  switch (action.kind) {
    case Act::kFetch: machinery_.Fetch(key, *variant); return true;
    case Act::kStartTemplate: return machinery_.StartTemplate(*variant);
    case Act::kStartInstance: machinery_.StartInstance(key, action.fleet, *variant, action.index); return true;
    case Act::kRunGolden: machinery_.RunGolden(key, action.fleet, *variant, action.instance); return true;
    case Act::kDrainInstance: machinery_.DrainInstance(action.instance); return true;
    case Act::kStopInstance: machinery_.StopInstance(action.instance); return true;
    case Act::kKillInstance:
      machinery_.Note(key, "InstanceKilled", action.instance + " did not end within " + std::to_string(limits::kStopGrace.count()) + " s", true);
      machinery_.KillInstance(action.instance);
      return true;
    case Act::kForgetInstance: machinery_.ForgetInstance(action.instance); return true;
    default: return false;
  }
}

void Reconciler::Tell(const EndpointKey& key, const Endpoint& endpoint, const Journal& before, const Action& action) {
  auto note = [&](const char* reason, const std::string& message, bool warning = false) { machinery_.Note(key, reason, message, warning); };
  const Journal& j = endpoint.journal;
  switch (action.kind) {
    case Act::kBegin: return note(before.serving ? "UpdateStarted" : "CreateStarted", "endpoint configuration " + j.coming->config_name);
    case Act::kShift: return note("TrafficShifted", StepText(j) + " goes to " + j.coming->config_name);
    case Act::kBake: return j.rollout->policy.wait.count() > 0 ? note("Baking", std::to_string(j.rollout->policy.wait.count()) + " s") : void();
    case Act::kFinish: return note("Published", "requests go to " + j.serving->config_name);
    case Act::kMarkPublished: return note("InService", "");
    case Act::kFail: return note(before.serving ? "UpdateFailed" : "CreateFailed", action.reason, true);
    case Act::kTurnBack: return note("RollingBack", action.reason, true);
    case Act::kShiftBack: return note("TrafficShiftedBack", StepText(j) + " stays with " + j.coming->config_name);
    case Act::kRolledBack: return note("UpdateFailed", before.rollout->reason, true);
    case Act::kStuck: return note("RollbackFailed", action.reason, true);
    case Act::kAbandon: return note("DeploymentAbandoned", "the documents changed before it was done");
    case Act::kSettle: return note("RolledBack", "all requests go to " + j.serving->config_name);
    case Act::kResize: return note("ResizeStarted", "weights and instance counts of " + j.serving->config_name);
    case Act::kResized: return note("Resized", "");
    case Act::kRevertSize: return note("UpdateFailed", action.reason, true);
    case Act::kRetire: return note("Deleting", "");
    default: return;
  }
}

// A convenience as history is: a disk that refuses it stops nothing.
void Reconciler::Record(const EndpointKey& key, const Endpoint& endpoint, const Journal& before, const Action& action) {
  const std::string now = FormatIso8601(clock_.Wall());
  const bool ended = before.coming && !endpoint.journal.coming && endpoint.desired;
  if (action.kind != Act::kBegin && !ended) return;
  Json revisions = store_.GetRevisions(key.account, key.name).value_or(Json::array());
  if (action.kind == Act::kBegin) {
    const Fleet& coming = *endpoint.journal.coming;
    revisions = AddRevision(revisions, {coming.id, coming.config_name, PolicyName(endpoint.journal.rollout->policy.kind), now, endpoint.documents});
  } else {
    const char* outcome = action.kind == Act::kFinish ? "Succeeded" : action.kind == Act::kAbandon ? "Abandoned"
                          : before.rollout && before.rollout->step > 0                             ? "RolledBack"
                                                                                                   : "Failed";
    const std::string reason = endpoint.journal.failure && action.kind != Act::kFinish ? endpoint.journal.failure->reason : "";
    revisions = EndRevision(revisions, *before.coming, outcome, reason, now);
  }
  if (auto put = store_.PutRevisions(key.account, key.name, std::move(revisions)); !put) spdlog::warn("{}", put.error().message);
}

bool Reconciler::ForgetEndpoint(const EndpointKey& key) {
  // The status goes last: whoever waits for "deleted" sees nothing left behind it.
  for (auto gone : {store_.RemoveRevisions(key.account, key.name), store_.RemoveJournal(key.account, key.name)}) {
    if (gone || gone.error().code == Code::kNotFound) continue;
    machinery_.Note(key, "JournalNotRemoved", gone.error().message, true);
    next_.retry = true;
    return false;
  }
  (void)store_.RemoveStatus(key.account, Kind::kEndpoint, key.name);
  machinery_.Note(key, "Deleted", "", false);
  endpoints_.erase(key);
  sweep_wanted_ = routes_changed_ = true;
  return true;
}

void Reconciler::WriteStatus(const EndpointKey& key, Endpoint& endpoint) {
  if (endpoint.journal_held) return;
  Observed observed;
  machinery_.Observe(key, observed);
  if (endpoint.status.is_null()) endpoint.status = store_.GetStatus(key.account, Kind::kEndpoint, key.name).value_or(Json());
  StatusInputs in;
  in.name = key.name;
  in.endpoint = endpoint.resource ? &*endpoint.resource : nullptr;
  in.previous = endpoint.status.is_object() ? &endpoint.status : nullptr;
  in.journal = &endpoint.journal;
  in.condition = ConditionOf(endpoint.desired.has_value(), endpoint.journal, observed.slots);
  in.generations = endpoint.generations;
  in.now = clock_.Wall();
  in.monotonic = clock_.Monotonic();
  for (const auto& seen : observed.instances) {
    const auto facts = machinery_.FactsOf(key, seen);
    in.instances.push_back({seen, facts.pid, facts.restarts});
  }
  in.shadow_report = [&](const std::string& variant) { return machinery_.ShadowReport(key, variant); };
  Json status = MakeStatus(in);
  if (status == endpoint.status) return;
  if (auto put = store_.PutStatus(key.account, Kind::kEndpoint, key.name, status); !put) {
    spdlog::error("{}", put.error().message);
    next_.retry = true;
    return;
  }
  endpoint.status = std::move(status);
}

// The snapshots of earlier revisions that one may go back to.
std::set<std::string> Reconciler::SpareSnapshots() const {
  std::set<std::string> digests;
  for (const auto& [key, endpoint] : endpoints_) digests.merge(DigestsToKeep(store_.GetRevisions(key.account, key.name).value_or(Json())));
  return digests;
}

// Templates that no fleet needs and snapshots that no journal names.
void Reconciler::Clean() {
  std::set<std::string> keys, digests;
  for (const auto& [key, endpoint] : endpoints_) {
    for (const Fleet* fleet : FleetsOf(endpoint.journal)) {
      for (const auto& variant : fleet->variants) {
        if (variant.digest.empty()) continue;
        keys.insert(TemplateKey(variant));
        digests.insert(variant.digest);
      }
    }
  }
  machinery_.KeepTemplates(keys);
  if (journals_doubtful_ || !(sweep_wanted_ || machinery_.WantsRoom())) return;
  if (machinery_.SweepSnapshots(digests, [this] { return SpareSnapshots(); })) sweep_wanted_ = false;
}

}  // namespace smhost
