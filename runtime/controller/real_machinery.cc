#include "controller/real_machinery.h"

#include "base/limits.h"
#include "base/log.h"

namespace smhost {
namespace {

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

RealMachinery::RealMachinery(EventLoop& loop, Files& files, const Clock& clock, const Home& home,
                             std::function<void()> changed, std::function<void()> want_launcher)
    : loop_(loop), files_(files), clock_(clock), home_(home), changed_(std::move(changed)),
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
  fetches_ = std::make_unique<Fetches>(loop_, home_, changed_, note);
  goldens_ = std::make_unique<Goldens>(loop_, home_, changed_, note);
  templates_->Adopt();
  instances_->Adopt(RoutedInstances(files_, home_));
  gateway_ = std::make_unique<GatewayLink>(loop_, files_, home_, changed_, [](const std::string& id) {
    spdlog::info("the gateway lost its connection to instance {}", id);
  });
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

bool RealMachinery::SweepSnapshots(const std::set<std::string>& digests) {
  if (fetches_->Any()) return false;
  if (auto swept = snapshots_.Sweep(digests); !swept) spdlog::warn("{}", swept.error().message);
  else if (*swept > 0) Note({}, "SnapshotsSwept", std::to_string(*swept) + " removed", false);
  return true;
}

void RealMachinery::Observe(const EndpointKey& endpoint, Observed& observed) const {
  instances_->Observe(endpoint, observed);
  observed.templates = templates_->Observe();
  observed.fetches = fetches_->Observe(endpoint);
  observed.goldens = goldens_->Observe(endpoint);
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

Json RealMachinery::ShadowReport(const EndpointKey&, const std::string&, const std::string&) const { return Json(); }

void RealMachinery::Note(const EndpointKey& key, const std::string& reason, const std::string& message, bool warning) {
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

}  // namespace smhost
