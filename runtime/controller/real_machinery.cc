#include "controller/real_machinery.h"

#include "base/limits.h"
#include "base/log.h"
#include "controller/shadow_report.h"

namespace smhost {
namespace {

constexpr Duration kShadowReports = std::chrono::seconds(2);  // how old what `describe` shows of a shadow may be

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

}  // namespace

RealMachinery::RealMachinery(EventLoop& loop, Files& files, const Clock& clock, Store& store, const Home& home,
                             std::function<void()> changed, std::function<void()> want_launcher)
    : loop_(loop), files_(files), clock_(clock), store_(store), home_(home), changed_(std::move(changed)),
      want_launcher_(std::move(want_launcher)), snapshots_(files, home) {}

Status RealMachinery::Start() {
  if (auto history = History::Open(clock_, home_)) history_.emplace(std::move(*history));
  else if (history.error().code == Code::kNewerFormat) return Fail(history.error());
  else spdlog::error("{}", history.error().message);
  for (const char* folder : {"/templates", "/instances"}) SMHOST_TRY_STATUS(files_.MakeFolders(home_.Run() + folder, 0700));
  auto note = [this](const EndpointKey& key, const std::string& reason, const std::string& message, bool warning) {
    Note(key, reason, message, warning);
  };
  templates_ = std::make_unique<Templates>(
      loop_, files_, home_,
      Templates::Events{changed_, want_launcher_, [this](const Exited& exited) { instances_->TemplateSaysExited(exited); },
                        [this](const std::string& reason, const std::string& message, bool warning) {
                          Note({}, reason, message, warning);
                        }});
  instances_ = std::make_unique<Instances>(loop_, files_, clock_, home_, *templates_, changed_, note);
  auto make_room = [this] {
    wants_room_ = true;
    changed_();
  };
  fetches_ = std::make_unique<Fetches>(loop_, home_, changed_, make_room, note);
  goldens_ = std::make_unique<Goldens>(loop_, home_, changed_, note);
  alarms_ = std::make_unique<Alarms>(
      loop_, files_, clock_, store_, home_, changed_,
      [this](const std::string& account, const std::string& alarm, const std::string& reason, const std::string& message, bool warning) {
        Append(account, alarm.empty() ? "" : "alarm", alarm, reason, message, warning);
      });
  templates_->Adopt();
  instances_->Adopt(RoutedInstances(files_, home_));
  gateway_ = std::make_unique<GatewayLink>(
      loop_, files_, home_, changed_,
      [](const std::string& id) { spdlog::info("the gateway lost its connection to instance {}", id); },
      [this](const std::string& id) { instances_->Excuse(id); });
  return {};
}

void RealMachinery::RunGolden(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, const std::string& instance) {
  goldens_->Start(endpoint, fleet, variant.name, instance, variant.golden, snapshots_.PathOf(variant.digest).value_or(""));
}

void RealMachinery::ForgetDeployment(const EndpointKey& endpoint) {
  fetches_->Forget(endpoint);
  goldens_->Forget(endpoint);
}

bool RealMachinery::StartTemplate(const VariantSpec& variant) {
  auto folder = snapshots_.PathOf(variant.digest);
  if (!folder) return false;
  templates_->Start(TemplateKey(variant), variant, *folder);
  return true;
}

bool RealMachinery::SweepSnapshots(const std::set<std::string>& needed, const std::function<std::set<std::string>()>& spare) {
  // One that runs may find what is swept.
  if (wants_room_ ? fetches_->AnyRuns() : fetches_->Any()) return false;
  std::set<std::string> digests = wants_room_ ? fetches_->Digests() : spare();
  digests.insert(needed.begin(), needed.end());
  wants_room_ = false;
  if (auto swept = snapshots_.Sweep(digests); !swept) spdlog::warn("{}", swept.error().message);
  else if (*swept > 0) Note({}, "SnapshotsSwept", std::to_string(*swept) + " removed", false);
  return true;
}

void RealMachinery::Observe(const EndpointKey& endpoint, Observed& observed) const {
  instances_->Observe(endpoint, observed);
  observed.templates = templates_->Observe();
  observed.fetches = fetches_->Observe(endpoint);
  observed.goldens = goldens_->Observe(endpoint);
  for (const auto& [name, state] : alarms_->StatesOf(endpoint.account))
    if (state == AlarmState::kAlarm) observed.alarming.insert(name);
  observed.routes_current = gateway_->Current();
  observed.owing = gateway_->owing();
}

bool RealMachinery::BringsGolden(const std::string& digest) const {
  auto folder = snapshots_.PathOf(digest);
  return folder && Goldens::IsIn(*folder);
}

Machinery::InstanceFacts RealMachinery::FactsOf(const EndpointKey& endpoint, const ObservedInstance& seen) const {
  auto it = instances_->all().find(seen.id);
  return {it == instances_->all().end() ? 0 : it->second->process.pid,
          instances_->RestartsOf(endpoint, {seen.fleet, seen.variant, seen.index})};
}

Status RealMachinery::Publish(const std::vector<RouteEndpoint>& routes, const std::optional<std::vector<PublicRoute>>& public_routes) {
  SMHOST_TRY_STATUS(gateway_->Publish(routes, public_routes));
  std::set<CounterKey> keys;
  shadows_ = false;
  for (const auto& endpoint : routes) {
    for (const auto& variant : endpoint.variants) {
      keys.insert({endpoint.account, endpoint.name, variant.name, ""});
      keys.insert({endpoint.account, endpoint.name, variant.name, variant.config});
      shadows_ = shadows_ || variant.shadow;
    }
  }
  alarms_->SetRouted(std::move(keys));
  ShowShadowsSoon();
  return {};
}

void RealMachinery::ShowShadowsSoon() {
  if (!shadows_ || shadows_soon_) return;
  shadows_soon_ = true;
  loop_.After(kShadowReports, [this] {
    shadows_soon_ = false;
    changed_();
    ShowShadowsSoon();
  });
}

Json RealMachinery::ShadowReport(const EndpointKey& endpoint, const std::string& variant) const {
  const CounterSlot* slot = alarms_->counters().Find({endpoint.account, endpoint.name, variant, ""});
  return slot == nullptr ? Json() : ShadowReportOf(Read(*slot));
}

void RealMachinery::Note(const EndpointKey& key, const std::string& reason, const std::string& message, bool warning) {
  Append(key.account, key.name.empty() ? "" : "endpoint", key.name, reason, message, warning);
}

void RealMachinery::Append(const std::string& account, const char* kind, const std::string& name, const std::string& reason,
                           const std::string& message, bool warning) {
  if (warning) spdlog::warn("{} {}: {}", name, reason, message);
  else spdlog::info("{} {}: {}", name, reason, message);
  if (!history_) return;
  Event event;
  event.account = account;
  event.kind = kind;
  event.name = name;
  event.type = warning ? EventType::kWarning : EventType::kNormal;
  event.reason = reason;
  event.message = message;
  (void)history_->Append(std::move(event));
}

}  // namespace smhost
