#include "gateway/gateway.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "api/key_ring.h"
#include "base/failpoint.h"
#include "base/heartbeat.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "base/log.h"
#include "state/tls_authority.h"
#include "wire/control.h"

namespace smhost {
namespace {

// One loop serves a small machine: what it would gain by two is lost to the instances.
int LoopsFor(const GatewayOptions& options) {
  if (options.loops > 0) return options.loops;
  unsigned processors = std::thread::hardware_concurrency();
  return processors <= 4 ? 1 : static_cast<int>(std::min(processors / 4, 8u));
}

std::string Region() {
  const char* region = std::getenv("AWS_DEFAULT_REGION");
  return region != nullptr && *region != '\0' ? region : kRegion;
}

}  // namespace

Gateway::Gateway(EventLoop& events, Files& files, Home home, GatewayOptions options)
    : events_(events), files_(files), home_(std::move(home)), options_(std::move(options)), region_(Region()), mailbox_(events),
      control_(events, [this](std::uint64_t generation) { OnRoutesReady(generation); }), handover_(events),
      home_watch_(events, [this] { OnFilesChanged(); }) {}

Gateway::~Gateway() {
  for (auto& loop : loops_) loop->Stop();
}

Status Gateway::Start() {
  OpenCounters();
  // Without routes the gateway still answers, and the controller gives it some.
  if (auto loaded = LoadRoutes(); !loaded) spdlog::error("{}", loaded.error().message);
  const int count = LoopsFor(options_);
  for (int i = 0; i < count; ++i)
    loops_.push_back(std::make_unique<GatewayLoop>(options_, home_, region_, count, shared_, ReportsOf(static_cast<std::size_t>(i))));
  shared_.rooms.OnFree([this] {
    for (auto& loop : loops_) loop->Post([](LoopCore& core) { core.RetrySuspects(); });
  });
  if (auto watched = home_watch_.Add(home_.root()); !watched)
    spdlog::warn("{}; new keys are known after SIGHUP", watched.error().message);
  ReadKeys();
  LookAtTls();
  GiveRoutes();  // lies in each loop's queue before its first connection does
  SMHOST_TRY_STATUS(control_.Listen(home_.GatewaySocket()));
  SMHOST_TRY_STATUS(handover_.Serve(home_.ListenersSocket(), options_.tcp_fd, options_.unix_fd, options_.beat_fd));
  for (auto& loop : loops_) SMHOST_TRY_STATUS(loop->Start(options_.tcp_fd, options_.unix_fd));
  KeepBeatingWhileLoopsTurn();
  spdlog::info("gateway: {} loop(s), generation {}, {} endpoint(s)", count, routes_->generation, routes_->endpoints.size());
  return {};
}

LoopReports Gateway::ReportsOf(std::size_t loop) {
  LoopReports reports;
  reports.idle = [this, loop](const std::string& instance) { mailbox_.Post([=, this] { OnIdle(loop, instance); }); };
  reports.lost = [this](const std::string& instance) {
    mailbox_.Post([=, this] { control_.Send(Encode(InstanceLost{instance})); });
  };
  reports.poisoned = [this](const std::vector<std::string>& instances) {
    mailbox_.Post([=, this] { control_.Send(Encode(InstancesPoisoned{instances})); });
  };
  reports.gather_metrics = [this, loop](std::function<void(MetricsSnapshot)> done) { GatherMetrics(loop, std::move(done)); };
  return reports;
}

// A beat is given for work that each loop did since the last one.
void Gateway::KeepBeatingWhileLoopsTurn() {
  struct Turns {
    std::uint64_t asked = 0;
    std::atomic<std::uint64_t> done{0};
  };
  KeepBeating(events_, options_.beat_fd, [this, turns = std::make_shared<Turns>()] {
    if (turns->done.load() != turns->asked) return false;
    turns->asked += loops_.size();
    for (auto& loop : loops_) loop->Post([turns](LoopCore&) { ++turns->done; });
    return true;
  });
}

// --- routes

Status Gateway::LoadRoutes() {
  auto text = files_.Read(home_.Routes(), limits::kStateFileBytes);
  if (!text && text.error().code == Code::kNotFound) return {};
  if (!text) return Fail(text.error());
  auto table = DecodeRoutes(*text);
  if (!table) return Fail(table.error().code, home_.Routes() + ": " + table.error().message);
  routes_ = std::make_shared<const RouteTable>(std::move(*table));
  return {};
}

void Gateway::OnRoutesReady(std::uint64_t wanted) {
  SMHOST_FAILPOINT(routes_heard);
  if (auto loaded = LoadRoutes(); !loaded) spdlog::error("{}; the routes of generation {} stay", loaded.error().message, routes_->generation);
  if (routes_->generation < wanted) spdlog::warn("routes of generation {} are announced, {} has generation {}", wanted, home_.Routes(), routes_->generation);
  answer_owed_ = true;
  GiveRoutes();
}

// Without the file requests are counted where nobody sees it, and served.
void Gateway::OpenCounters() {
  auto opened = Counters::Open(home_.Counters());
  if (!opened) return spdlog::error("{}; requests are not counted until the gateway is started again", opened.error().message);
  counters_ = std::move(*opened);
  if (!counters_.note().empty()) spdlog::warn("{}", counters_.note());
}

// Here, not in the loops: claiming may wait for a lock.
void Gateway::ClaimSlots() {
  auto slots = std::make_shared<CounterSlots>();
  for (const auto& endpoint : routes_->endpoints) {
    for (const auto& variant : endpoint.variants) {
      for (const std::string& config : {std::string(), endpoint.deploying ? variant.config : std::string()}) {
        CounterKey key{endpoint.account, endpoint.name, variant.name, config};
        if (slots->count(key) != 0) continue;
        CounterSlot* slot = counters_.Claim(key);
        if (slot == nullptr) spdlog::warn("variant {} of endpoint {}: no counter is free; its requests are not counted", variant.name, endpoint.name);
        if (slot != nullptr) slots->emplace(std::move(key), slot);
      }
    }
  }
  slots_ = std::move(slots);
}

void Gateway::GiveRoutes() {
  ++round_;
  ClaimSlots();
  public_routes_ = std::make_shared<const PublicRoutes>(routes_->public_routes, public_routes_.get());
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    not_taken_.insert(i);
    loops_[i]->SetRoutes(routes_, slots_, public_routes_, [this, i, round = round_](std::vector<std::string> busy) {
      mailbox_.Post([=, this] { OnTaken(i, round, busy); });
    });
  }
}

void Gateway::OnTaken(std::size_t loop, std::uint64_t round, std::vector<std::string> busy) {
  for (auto it = busy_.begin(); it != busy_.end();) {
    it->second.erase(loop);
    it = it->second.empty() ? busy_.erase(it) : std::next(it);
  }
  for (const auto& instance : busy) busy_[instance].insert(loop);
  if (round != round_) return;  // a newer table is on its way; the answer is for that one
  not_taken_.erase(loop);
  if (!not_taken_.empty() || !answer_owed_) return;
  answer_owed_ = false;
  SMHOST_FAILPOINT(routes_taken);
  RoutesTaken taken{routes_->generation, {}};
  for (const auto& [instance, loops] : busy_) taken.busy.push_back(instance);
  control_.Send(Encode(taken));
}

void Gateway::OnIdle(std::size_t loop, const std::string& instance) {
  auto found = busy_.find(instance);
  if (found == busy_.end()) return;
  found->second.erase(loop);
  if (!found->second.empty()) return;
  busy_.erase(found);
  control_.Send(Encode(InstanceIdle{instance}));
}

// --- keys, certificate, counters

// Of the home and of tls/. What failed leaves traces there that it must not be woken by: it is tried again in a minute.
void Gateway::OnFilesChanged() {
  ReadKeys();
  if (!tls_failing_) LookAtTls();
}

// What cannot be read leaves those that are known.
void Gateway::ReadKeys() {
  auto keys = KeyRing::Read(files_, home_);
  if (!keys) return spdlog::warn("{}; the keys known until now stay", keys.error().message);
  for (auto& loop : loops_) loop->SetKeys(*keys);
}

// Also called for what it wrote itself: then nothing has changed. Connections that stand keep what they began with.
void Gateway::LoadTls() {
  auto identity = EnsureTls(files_, SystemClock(), home_);
  auto context = identity ? TlsContext::Make(identity->server) : Fail(identity.error());
  const char* meanwhile = certificate_.empty() ? "HTTPS is not spoken" : "HTTPS goes on with the certificate there was";
  tls_failing_ = !context;
  if (!context) return spdlog::error("{}; {}", context.error().message, meanwhile);
  for (const std::string& warning : identity->warnings) spdlog::warn("{}", warning);
  if (identity->server.certificate == certificate_) return;
  certificate_ = identity->server.certificate;
  for (auto& loop : loops_) loop->SetTls(*context);
}

void Gateway::LookAtTls() {
  LoadTls();
  if (auto watched = home_watch_.Add(home_.Tls()); !watched) spdlog::warn("{}; a new certificate is seen within the hour", watched.error().message);
  events_.Cancel(tls_timer_);
  tls_timer_ = events_.After(tls_failing_ ? Duration(limits::kTlsTryAgain) : Duration(limits::kTlsLookEvery), [this] { LookAtTls(); });
}

// On the asking loop's thread; the others answer through it, so nothing is shared.
void Gateway::GatherMetrics(std::size_t asking, std::function<void(MetricsSnapshot)> done) {
  struct Gathered {
    MetricsSnapshot sum;
    std::size_t missing;
    std::function<void(MetricsSnapshot)> done;
  };
  auto gathered = std::make_shared<Gathered>(Gathered{{}, loops_.size(), std::move(done)});
  for (auto& loop : loops_) {
    loop->Post([this, asking, gathered](LoopCore& core) {
      loops_[asking]->Post([gathered, snapshot = core.Snapshot()](LoopCore&) {
        gathered->sum.Add(snapshot);
        if (--gathered->missing == 0) gathered->done(std::move(gathered->sum));
      });
    });
  }
}

// --- end

void Gateway::OnSignal(int number) {
  if (number == SIGHUP) {
    ReadKeys();
    return LookAtTls();
  }
  if (!draining_) return Drain();
  spdlog::info("gateway: stopping at once");
  events_.Stop();
}

void Gateway::Drain() {
  spdlog::info("gateway: draining");
  draining_ = true;
  handover_.Close();
  control_.Close();  // the controller turns to the gateway that comes next
  not_drained_ = loops_.size();
  for (auto& loop : loops_)
    loop->Drain([this] {
      mailbox_.Post([this] {
        if (--not_drained_ == 0) events_.Stop();
      });
    });
  events_.After(options_.drain_limit, [this] {
    spdlog::warn("gateway: the time to drain is over");
    events_.Stop();
  });
  WatchRoutesWhileDraining();
}

// Nobody tells a leaving gateway about new routes, yet its last calls may need an instance that has just come.
void Gateway::WatchRoutesWhileDraining() {
  auto before = routes_->generation;
  if (auto loaded = LoadRoutes(); loaded && routes_->generation != before) GiveRoutes();
  events_.After(std::chrono::milliseconds(200), [this] { WatchRoutesWhileDraining(); });
}

}  // namespace smhost
