#include "controller/controller.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "controller/journal_codec.h"
#include "controller/status_document.h"
#include "state/objects.h"

namespace smhost {
namespace {

constexpr Duration kRetry = std::chrono::seconds(1);  // after the disk refused something
constexpr int kActionsPerTick = 1000;                 // of one endpoint; more is our own mistake
const PlanLimits kPlanLimits{limits::kStopGrace, limits::kResponseTimeout + std::chrono::seconds(5)};

std::set<std::string> RoutedInstances(Files& files, const Home& home) {
  std::set<std::string> ids;
  auto text = files.Read(home.Routes(), limits::kStateFileBytes);
  auto table = text ? DecodeRoutes(*text) : Fail(Code::kNotFound, "");
  if (!table) return ids;
  for (const auto& endpoint : table->endpoints)
    for (const auto& variant : endpoint.variants)
      for (const auto& instance : variant.instances) ids.insert(instance.id);
  return ids;
}

std::vector<const Fleet*> FleetsOf(const Journal& journal) {
  std::vector<const Fleet*> fleets;
  if (journal.serving) fleets.push_back(&*journal.serving);
  if (journal.coming) fleets.push_back(&*journal.coming);
  for (const auto& fleet : journal.leaving) fleets.push_back(&fleet);
  return fleets;
}

}  // namespace

Controller::Controller(EventLoop& loop, Files& files, const Clock& clock, const Home& home, std::function<void()> want_launcher)
    : loop_(loop), files_(files), clock_(clock), home_(home), store_(files, clock, home), snapshots_(files, home),
      machine_(ThisMachine()), watch_(loop, [this] {
        documents_changed_ = true;
        Wake();
      }),
      want_launcher_(std::move(want_launcher)) {}

Status Controller::Start() {
  if (auto history = History::Open(clock_, home_)) history_.emplace(std::move(*history));
  else if (history.error().code == Code::kNewerFormat) return Fail(history.error());
  else spdlog::error("{}", history.error().message);
  auto incidents = store_.RecoverAll();
  if (!incidents) return Fail(incidents.error());
  if (auto swept = ObjectStore(home_).SweepTemporary(); !swept) spdlog::warn("{}", swept.error().message);
  for (const auto& incident : *incidents) Note({}, "DocumentDamaged", incident.message, true);
  for (const char* folder : {"/templates", "/instances"}) SMHOST_TRY_STATUS(files_.MakeFolders(home_.Run() + folder, 0700));
  std::set<std::string> routed = RoutedInstances(files_, home_);
  auto wake = [this] { Wake(); };
  auto note = [this](const EndpointKey& key, const std::string& reason, const std::string& message, bool warning) {
    Note(key, reason, message, warning);
  };
  templates_ = std::make_unique<Templates>(
      loop_, files_, home_,
      Templates::Events{wake, want_launcher_, [this](const Exited& exited) { instances_->TemplateSaysExited(exited); },
                        [this](const std::string& reason, const std::string& message, bool warning) {
                          Note({}, reason, message, warning);
                        }});
  instances_ = std::make_unique<Instances>(loop_, files_, clock_, home_, *templates_, wake, note);
  fetches_ = std::make_unique<Fetches>(loop_, home_, wake, note);
  templates_->Adopt();
  instances_->Adopt(routed);
  gateway_ = std::make_unique<GatewayLink>(loop_, files_, home_, wake, [](const std::string& id) {
    spdlog::info("the gateway lost its connection to instance {}", id);
  });
  auto accounts = store_.Accounts();
  if (!accounts) return Fail(accounts.error());
  for (const auto& account : *accounts) LoadJournals(account);
  Tick();
  return {};
}

void Controller::Wake() {
  if (tick_soon_) return;
  tick_soon_ = true;
  loop_.After(Duration::zero(), [this] {
    tick_soon_ = false;
    Tick();
  });
}

void Controller::RetrySoon() {
  loop_.After(kRetry, [this] { Wake(); });
}

void Controller::LookAgain(MonotonicTime at) {
  if (look_again_at_ && *look_again_at_ <= at) return;
  loop_.Cancel(look_again_timer_);
  look_again_at_ = at;
  look_again_timer_ = loop_.After(at - clock_.Monotonic() + std::chrono::milliseconds(1), [this] { Wake(); });
}

void Controller::Note(const EndpointKey& key, const std::string& reason, const std::string& message, bool warning) {
  if (warning) spdlog::warn("{} {}: {}", key.name, reason, message);
  else spdlog::info("{} {}: {}", key.name, reason, message);
  if (!history_) return;
  Event event;
  event.account = key.account;
  event.kind = key.name.empty() ? "" : "endpoint";
  event.name = key.name;
  event.type = warning ? EventType::kWarning : EventType::kNormal;
  event.reason = reason;
  event.message = message;
  (void)history_->Append(std::move(event));
}

// --- documents

void Controller::WatchFolders() {
  (void)watch_.Add(home_.root() + "/accounts");
  auto accounts = store_.Accounts();
  if (!accounts) return;
  for (const auto& account : *accounts) {
    (void)watch_.Add(home_.Account(account));
    (void)watch_.Add(home_.Account(account) + "/resources");
    for (const auto& info : Kinds()) (void)watch_.Add(home_.Account(account) + "/resources/" + info.word);
  }
}

void Controller::LoadDocuments() {
  WatchFolders();  // before reading: what comes between is told
  documents_changed_ = false;
  auto accounts = store_.Accounts();
  if (!accounts) {
    spdlog::error("{}", accounts.error().message);
    documents_changed_ = true;
    return RetrySoon();
  }
  for (const auto& account : *accounts) LoadAccount(account);
}

void Controller::LoadAccount(const std::string& account) {
  std::map<Kind, std::map<std::string, Resource>> found;
  std::set<std::string> damaged;
  for (const auto& info : Kinds()) {
    auto listing = store_.List(account, info.kind);
    if (!listing) {
      spdlog::error("{}", listing.error().message);
      documents_changed_ = true;
      return RetrySoon();
    }
    for (auto& resource : listing->resources) found[info.kind].emplace(resource.name, std::move(resource));
    for (const auto& incident : listing->incidents) {
      if (!incident.previous_used) damaged.insert(incident.resource);
      spdlog::error("{}", incident.message);
    }
  }
  for (auto& [name, resource] : found[Kind::kEndpoint]) endpoints_[{account, name}].resource = std::move(resource);
  for (auto& [key, endpoint] : endpoints_) {
    if (key.account != account) continue;
    bool there = found[Kind::kEndpoint].count(key.name) != 0;
    if (!there && damaged.count("endpoint/" + key.name) != 0) {
      // Unreadable is not deleted: what serves goes on.
      endpoint.desired.reset();
      if (endpoint.journal.serving)
        endpoint.desired = Desired{endpoint.journal.endpoint_uid, endpoint.journal.endpoint_generation, *endpoint.journal.serving, ""};
      else endpoint.journal_held = true;
      continue;
    }
    if (!there) {
      endpoint.resource.reset();
      endpoint.desired.reset();
    } else {
      Compose(endpoint, found[Kind::kEndpointConfig], found[Kind::kModel]);
    }
  }
}

void Controller::Compose(Endpoint& endpoint, const std::map<std::string, Resource>& configs,
                         const std::map<std::string, Resource>& models) {
  Json config_generation = 0, model_generations = Json::object();
  auto find = [&](Kind kind, const std::string& name) -> const Resource* {
    const auto& from = kind == Kind::kModel ? models : configs;
    auto it = from.find(name);
    if (it == from.end()) return nullptr;
    if (kind == Kind::kModel) model_generations[name] = it->second.generation;
    else config_generation = it->second.generation;
    return &it->second;
  };
  endpoint.journal_held = false;
  endpoint.desired = ComposeDesired(*endpoint.resource, find, machine_);
  endpoint.generations = {{"endpoint", endpoint.resource->generation},
                          {"endpoint-config", config_generation},
                          {"models", model_generations}};
}

void Controller::LoadJournals(const std::string& account) {
  auto names = store_.ListJournals(account);
  if (!names) {
    journals_doubtful_ = true;
    return;
  }
  for (const auto& name : *names) {
    auto json = store_.GetJournal(account, name);
    auto journal = json ? JournalFromJson(*json) : Fail(json.error());
    if (journal) {
      endpoints_[{account, name}].journal = std::move(*journal);
    } else {
      journals_doubtful_ = true;  // its snapshots are not known: none is swept
      Note({account, name}, "JournalDamaged", journal.error().message, true);
    }
  }
}

// --- the tick

void Controller::Tick() {
  if (documents_changed_) LoadDocuments();
  loop_.Cancel(look_again_timer_);
  look_again_at_.reset();
  Route();
  std::vector<EndpointKey> keys;
  for (const auto& [key, endpoint] : endpoints_) keys.push_back(key);
  for (const auto& key : keys) {
    Converge(key, endpoints_[key]);
    auto it = endpoints_.find(key);
    if (it != endpoints_.end()) WriteStatus(key, it->second);
  }
  Clean();
}

void Controller::Route() {
  std::vector<RouteEndpoint> routes;
  for (const auto& [key, endpoint] : endpoints_) {
    RouteEndpoint route{key.account, key.name, ConditionOf(endpoint.desired.has_value(), endpoint.journal, instances_->SlotsOf(key)).status, false, {}};
    // The last state whose routes count: what it says in between (Updating) lets requests pass as InService does.
    if (endpoint.journal.serving && route.status == "Creating") route.status = "InService";
    if (endpoint.journal.serving) {
      for (const auto& variant : endpoint.journal.serving->variants) {
        RouteVariant to;
        to.name = variant.name;
        to.fleet = endpoint.journal.serving->id;
        to.config = endpoint.journal.serving->config_name;
        to.weight = variant.weight;
        to.digest = variant.digest;
        for (const auto& [id, instance] : instances_->all())
          if (instance->order.account == key.account && instance->order.endpoint == key.name &&
              instance->order.fleet == endpoint.journal.serving->id && instance->order.variant == variant.name &&
              instance->state == InstanceState::kReady)
            to.instances.push_back({id});
        route.variants.push_back(std::move(to));
      }
    }
    routes.push_back(std::move(route));
  }
  if (auto done = gateway_->Publish(std::move(routes)); !done) {
    spdlog::error("routes: {}", done.error().message);
    RetrySoon();
  }
}

Observed Controller::Observe(const EndpointKey& key, const Endpoint& endpoint) const {
  Observed observed;
  instances_->Observe(key, observed);
  observed.templates = templates_->Observe();
  observed.fetches = fetches_->Observe(key);
  observed.routes_current = gateway_->Current();
  observed.owing = gateway_->owing();
  for (const Fleet* fleet : FleetsOf(endpoint.journal))
    for (const auto& variant : fleet->variants)
      if (!variant.digest.empty() && snapshots_.PathOf(variant.digest)) observed.snapshots.insert(variant.digest);
  return observed;
}

void Controller::Converge(const EndpointKey& key, Endpoint& endpoint) {
  if (endpoint.journal_held) return;
  for (int i = 0; i < kActionsPerTick; ++i) {
    MonotonicTime now = clock_.Monotonic();
    Action action = NextAction(endpoint.desired, endpoint.journal, Observe(key, endpoint), kPlanLimits, now);
    if (action.kind == Action::Kind::kNothing) {
      if (action.look_again) LookAgain(*action.look_again);
      return;
    }
    if (action.kind == Action::Kind::kForgetEndpoint) {
      ForgetEndpoint(key);
      return;
    }
    if (!Execute(key, endpoint, action)) return;
    Route();
  }
  spdlog::error("endpoint {}: more than {} actions in one tick", key.name, kActionsPerTick);
}

bool Controller::SaveJournal(const EndpointKey& key, Endpoint& endpoint, Journal next) {
  if (auto saved = store_.PutJournal(key.account, key.name, JournalToJson(next)); !saved) {
    Note(key, "JournalNotWritten", saved.error().message + "; tried again in 1 s", true);
    RetrySoon();
    return false;
  }
  endpoint.journal = std::move(next);
  return true;
}

const VariantSpec* Controller::FindVariant(const Endpoint& endpoint, const std::string& fleet, const std::string& variant) const {
  for (const Fleet* f : FleetsOf(endpoint.journal))
    if (f->id == fleet)
      for (const auto& v : f->variants)
        if (v.name == variant) return &v;
  return nullptr;
}

bool Controller::Begin(const EndpointKey& key, Endpoint& endpoint) {
  Journal next = endpoint.journal;
  next.coming = endpoint.desired->fleet;
  // Unique among the fleets of this name, those of an endpoint deleted before included.
  next.coming->id = "f-" + next.coming->revision.substr(0, 8) + "-" + std::to_string(clock_.Wall().time_since_epoch().count());
  next.endpoint_uid = endpoint.desired->endpoint_uid;
  next.endpoint_generation = endpoint.desired->endpoint_generation;
  next.failure.reset();
  fetches_->Forget(key);
  if (!SaveJournal(key, endpoint, std::move(next))) return false;
  templates_->WarmLauncher();
  Note(key, endpoint.journal.serving ? "UpdateStarted" : "CreateStarted", "endpoint configuration " + endpoint.journal.coming->config_name, false);
  return true;
}

bool Controller::Execute(const EndpointKey& key, Endpoint& endpoint, const Action& action) {
  using Kind = Action::Kind;
  const VariantSpec* variant = FindVariant(endpoint, action.fleet, action.variant);
  Journal next = endpoint.journal;
  switch (action.kind) {
    case Kind::kBegin:
      return Begin(key, endpoint);
    case Kind::kFetch:
      fetches_->Start(key, *variant);
      return true;
    case Kind::kPin:
      for (auto& v : next.coming->variants)
        if (v.artifact_url == variant->artifact_url) v.digest = action.digest;
      return SaveJournal(key, endpoint, std::move(next));
    case Kind::kStartTemplate: {
      auto folder = snapshots_.PathOf(variant->digest);
      if (!folder) return false;
      templates_->Start(TemplateKey(*variant), *variant, *folder);
      return true;
    }
    case Kind::kStartInstance:
      instances_->Start(key, action.fleet, *variant, action.index);
      return true;
    case Kind::kPublish:
      if (next.serving) next.leaving.push_back(*next.serving);
      else next.published = false;
      next.serving = std::exchange(next.coming, std::nullopt);
      if (!SaveJournal(key, endpoint, std::move(next))) return false;
      fetches_->Forget(key);
      Note(key, "Published", "requests go to " + endpoint.journal.serving->config_name, false);
      return true;
    case Kind::kMarkPublished:
      next.published = true;
      if (!SaveJournal(key, endpoint, std::move(next))) return false;
      Note(key, "InService", "", false);
      return true;
    case Kind::kClearFailure:
      next.failure.reset();
      return SaveJournal(key, endpoint, std::move(next));
    case Kind::kFail:
      next.failure = Failure{next.coming->revision, next.endpoint_generation, action.reason};
      [[fallthrough]];
    case Kind::kAbandon:
      next.leaving.push_back(*std::exchange(next.coming, std::nullopt));
      if (!SaveJournal(key, endpoint, std::move(next))) return false;
      fetches_->Forget(key);
      if (action.kind == Kind::kFail) Note(key, endpoint.journal.serving ? "UpdateFailed" : "CreateFailed", action.reason, true);
      else Note(key, "DeploymentAbandoned", "the documents changed before it was done", false);
      return true;
    case Kind::kRetire:
      if (next.serving) next.leaving.push_back(*std::exchange(next.serving, std::nullopt));
      if (next.coming) next.leaving.push_back(*std::exchange(next.coming, std::nullopt));
      fetches_->Forget(key);
      if (!SaveJournal(key, endpoint, std::move(next))) return false;
      Note(key, "Deleting", "", false);
      return true;
    case Kind::kDrainInstance:
      instances_->Drain(action.instance);
      return true;
    case Kind::kStopInstance:
      instances_->Stop(action.instance);
      return true;
    case Kind::kKillInstance:
      Note(key, "InstanceKilled", action.instance + " did not end within " + std::to_string(limits::kStopGrace.count()) + " s", true);
      instances_->Kill(action.instance);
      return true;
    case Kind::kForgetInstance:
      instances_->Forget(action.instance);
      return true;
    case Kind::kForgetFleet:
      std::erase_if(next.leaving, [&](const Fleet& f) { return f.id == action.fleet; });
      if (!SaveJournal(key, endpoint, std::move(next))) return false;
      instances_->ForgetFleet(key, action.fleet);
      sweep_wanted_ = true;
      return true;
    case Kind::kNothing:
    case Kind::kForgetEndpoint:
      return false;
  }
  return false;
}

void Controller::ForgetEndpoint(const EndpointKey& key) {
  // The status goes last: whoever waits for "deleted" sees nothing left behind it.
  auto gone = store_.RemoveJournal(key.account, key.name);
  if (!gone && gone.error().code != Code::kNotFound) {
    Note(key, "JournalNotRemoved", gone.error().message, true);
    return RetrySoon();
  }
  (void)store_.RemoveStatus(key.account, Kind::kEndpoint, key.name);
  Note(key, "Deleted", "", false);
  endpoints_.erase(key);
  sweep_wanted_ = true;
  Wake();  // the routes without it
}

void Controller::WriteStatus(const EndpointKey& key, Endpoint& endpoint) {
  Observed observed;
  instances_->Observe(key, observed);
  StatusInputs in;
  in.name = key.name;
  in.endpoint = endpoint.resource ? &*endpoint.resource : nullptr;
  if (endpoint.status.is_null()) endpoint.status = store_.GetStatus(key.account, Kind::kEndpoint, key.name).value_or(Json());
  in.previous = endpoint.status.is_object() ? &endpoint.status : nullptr;
  in.journal = &endpoint.journal;
  in.condition = ConditionOf(endpoint.desired.has_value(), endpoint.journal, observed.slots);
  in.generations = endpoint.generations;
  in.now = FormatIso8601(clock_.Wall());
  for (const auto& seen : observed.instances) {
    const auto& instance = *instances_->all().at(seen.id);
    in.instances.push_back({seen, instance.process.pid, instances_->RestartsOf(key, {seen.fleet, seen.variant, seen.index})});
  }
  Json status = MakeStatus(in);
  if (status == endpoint.status) return;
  if (auto put = store_.PutStatus(key.account, Kind::kEndpoint, key.name, status); !put) {
    spdlog::error("{}", put.error().message);
    return RetrySoon();
  }
  endpoint.status = std::move(status);
}

// Templates that no fleet needs and snapshots that no journal names.
void Controller::Clean() {
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
  templates_->KeepOnly(keys);
  if (!sweep_wanted_ || journals_doubtful_ || fetches_->Any()) return;
  sweep_wanted_ = false;
  if (auto swept = snapshots_.Sweep(digests); !swept) spdlog::warn("{}", swept.error().message);
  else if (*swept > 0) Note({}, "SnapshotsSwept", std::to_string(*swept) + " removed", false);
}

}  // namespace smhost
