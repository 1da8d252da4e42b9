#include "controller/instances.h"

#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/failpoint.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/sockets.h"

namespace smhost {
namespace {
// A template that lives says within this time how its child ended; without one nobody can.
constexpr Duration kWaitForReason = std::chrono::milliseconds(40);

std::string NameOf(const InstanceOrder& order) {
  return "instance " + order.id + " (" + order.variant + "/" + std::to_string(order.index) + ")";
}

std::chrono::milliseconds BusyOf(const Frame& pong) {
  std::string_view text = pong.Get(frame_key::kBusyMs);
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return std::chrono::milliseconds(std::max<std::int64_t>(ms, 0));
}
}  // namespace

Instances::Instances(EventLoop& loop, Files& files, const Clock& clock, const Home& home, Templates& templates,
                     std::function<void()> changed, Note note)
    : loop_(loop), files_(files), clock_(clock), home_(home), templates_(templates), changed_(std::move(changed)),
      note_(std::move(note)) {}

Instances::~Instances() {
  loop_.Cancel(look_);
  for (auto& [id, instance] : instances_) {
    CloseSocket(*instance);
    if (instance->pidfd) loop_.Forget(instance->pidfd.get());
  }
}

Instances::Instance* Instances::Find(const std::string& id) {
  auto it = instances_.find(id);
  return it == instances_.end() ? nullptr : it->second.get();
}

void Instances::Happen(Instance& instance, InstanceEvent event) {
  auto next = Next(instance.state, event);
  if (!next) {
    spdlog::warn("instance {}: event {} cannot happen while {}", instance.order.id, static_cast<int>(event), StateName(instance.state));
    return;
  }
  instance.state = *next;
  instance.since = clock_.Monotonic();
  if (instance.state == InstanceState::kReady) LookSoon();
}

void Instances::Adopt(const std::set<std::string>& routed) {
  auto entries = files_.List(home_.Run() + "/instances");
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (!entry.name.ends_with(".json")) continue;
    std::string id = entry.name.substr(0, entry.name.size() - 5), path = home_.InstanceRecord(id);
    auto text = files_.Read(path, limits::kControlMessageBytes);
    auto record = text ? DecodeRecord(*text) : Fail(Code::kNotFound, "");
    auto order = record ? DecodeInstanceOrder(record->order) : Fail(Code::kNotFound, "");
    if (!FileLock::Held(path) || !order) {
      (void)files_.Remove(path);
      (void)files_.Remove(home_.InstanceSocket(id));
      if (order) (void)files_.RemoveTree(order->scratch_folder);
      continue;
    }
    auto instance = std::make_unique<Instance>();
    instance->order = *order;
    instance->process = record->process;
    SMHOST_FAILPOINT(adopt_instance);
    instance->started = instance->since = clock_.Monotonic();
    if (routed.count(id) != 0) instance->state = InstanceState::kReady;
    Instance& kept = *(instances_[id] = std::move(instance));
    Watch(kept);
    note_(KeyOf(kept), "InstanceAdopted", NameOf(*order) + " goes on", false);
    if (kept.state == InstanceState::kReady) LookSoon();
  }
}

bool Instances::MakeFolders(const InstanceOrder& order, std::string& error) {
  for (const std::string& folder : {order.scratch_folder, FolderOf(order.log_path)}) {
    if (auto made = files_.MakeFolders(folder, 0700); !made) {
      error = made.error().message;
      return false;
    }
  }
  return true;
}

void Instances::Start(const EndpointKey& endpoint, const std::string& fleet, const VariantSpec& variant, int index) {
  auto instance = std::make_unique<Instance>();
  InstanceOrder& order = instance->order;
  order.id = "i-" + RandomHex(6);
  order.account = endpoint.account;
  order.endpoint = endpoint.name;
  order.fleet = fleet;
  order.variant = variant.name;
  order.index = index;
  order.threads = variant.threads;
  order.memory_bytes = variant.memory_bytes;
  order.volume_bytes = variant.volume_bytes;
  if (auto setting = variant.environment.find("SAGEMAKER_MODEL_SERVER_TIMEOUT"); setting != variant.environment.end())
    order.call_limit = ModelCallLimit(setting->second);
  order.scratch_folder = home_.Scratch(endpoint.account, endpoint.name, variant.name, order.id);
  order.log_path = home_.VariantLogs(endpoint.account, endpoint.name, variant.name) + "/" + order.id + ".log";
  instance->template_key = TemplateKey(variant);
  instance->started = instance->since = clock_.Monotonic();
  std::string id = order.id, error;
  Instance& kept = *(instances_[id] = std::move(instance));
  if (!MakeFolders(kept.order, error)) return Ended(kept, error);
  templates_.Ask(kept.template_key, kept.order, [this, id](const Started& started) {
    Instance* asked = Find(id);
    if (asked == nullptr) return;
    // A template that was killed between the fork and its answer has left a record.
    auto process = started.process ? started.process : LivingProcessOf(files_, home_.InstanceRecord(id));
    if (!process) return Ended(*asked, "it could not be started: " + started.error);
    asked->process = *process;
    SMHOST_FAILPOINT(instance_ordered);
    Watch(*asked);
    // It was stopped before anybody knew whom to tell.
    if (asked->pidfd && asked->state == InstanceState::kStopping) (void)SendSignal(asked->pidfd, SIGTERM);
    if (asked->pidfd && asked->state == InstanceState::kKilling) (void)SendSignal(asked->pidfd, SIGKILL);
    changed_();
  });
}

void Instances::Watch(Instance& instance) {
  const std::string id = instance.order.id;
  auto pidfd = OpenProcess(instance.process);
  if (!pidfd) return AwaitReason(id, "it ended at once");
  instance.pidfd = std::move(*pidfd);
  loop_.OnReadable(instance.pidfd.get(), [this, id] { PidEnded(id); });
  if (!Connect(instance)) (void)SendSignal(instance.pidfd, SIGKILL);
}

bool Instances::Connect(Instance& instance) {
  const std::string id = instance.order.id;
  auto socket = ConnectUnix(home_.InstanceSocket(id), SocketKind::kStream);
  if (!socket) {
    spdlog::warn("instance {}: {}", id, socket.error().message);
    return false;
  }
  instance.socket = std::move(*socket);
  instance.frames = FrameReader();
  loop_.OnReadable(instance.socket.get(), [this, id] { Read(id); });
  return true;
}

void Instances::CloseSocket(Instance& instance) {
  if (!instance.socket) return;
  loop_.Forget(instance.socket.get());
  instance.socket.Reset();
}

void Instances::Read(const std::string& id) {
  Instance* instance = Find(id);
  if (instance == nullptr || !instance->socket) return;
  char room[4096];
  ssize_t n = ::read(instance->socket.get(), room, sizeof room);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return CloseSocket(*instance);
  instance->frames.Feed({room, static_cast<std::size_t>(n)});
  Frame frame;
  for (;;) {
    auto got = instance->frames.Next(frame);
    if (got && !*got) return;
    if (got && frame.type == FrameType::kHello) {
      OnHello(*instance, frame);
    } else if (got && frame.type == FrameType::kPong && instance->pulse) {
      instance->pulse->Heard(BusyOf(frame));
    } else {
      CloseSocket(*instance);
      return Break(*instance, got ? "it sent a frame that was not asked for" : got.error().message);
    }
  }
}

void Instances::OnHello(Instance& instance, const Frame& hello) {
  if (hello.Get(frame_key::kState) != "ready") {
    CloseSocket(instance);
    return Break(instance, std::string(hello.Get(frame_key::kError)));
  }
  loop_.Forget(instance.socket.get());  // what comes from now on is read at each look: an idle machine sleeps longer
  if (instance.state != InstanceState::kStarting) return;
  SMHOST_FAILPOINT(instance_seen);
  Happen(instance, InstanceEvent::kSaidReady);
  note_(KeyOf(instance), "InstanceReady",
        NameOf(instance.order) + " is ready on " + std::string(hello.Get(frame_key::kDevice)), false);
  changed_();
}

void Instances::Break(Instance& instance, const std::string& reason) {
  if (instance.state == InstanceState::kStarting || instance.state == InstanceState::kReady) {
    instance.reason = reason;
    Happen(instance, InstanceEvent::kSaidFailed);
    note_(KeyOf(instance), "InstanceBroken", NameOf(instance.order) + " cannot serve: " + reason, true);
  }
  changed_();
}

// --- who lives

void Instances::LookSoon() {
  if (look_ == 0) look_ = loop_.After(limits::kPingEvery, [this] { LookAtAll(); });
}

void Instances::LookAtAll() {
  look_ = 0;
  std::vector<std::string> ready;
  for (const auto& [id, instance] : instances_)
    if (instance->state == InstanceState::kReady) ready.push_back(id);
  for (const auto& id : ready) {
    Read(id);  // what waits there is older than this look
    if (Instance* instance = Find(id); instance != nullptr && instance->state == InstanceState::kReady) Look(*instance);
  }
  if (!ready.empty()) LookSoon();
}

void Instances::Look(Instance& instance) {
  if (!instance.pulse) instance.pulse.emplace(instance.order.call_limit);
  MonotonicTime now = clock_.Monotonic();
  bool ask = instance.pulse->Look(now);
  if (auto lost = instance.pulse->Lost(now)) {
    instance.lost = true;
    return Break(instance, *lost);
  }
  if (!instance.socket && Connect(instance)) ask = true;
  if (!ask || !instance.socket) return;
  Frame ping;
  ping.type = FrameType::kPing;
  std::string bytes;
  AppendFrame(ping, bytes);
  // A socket that is full is one that nobody reads: that shows by itself.
  if (::send(instance.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) CloseSocket(instance);
}

void Instances::Drain(const std::string& id) {
  SMHOST_FAILPOINT(drain_begins);
  if (Instance* i = Find(id)) Happen(*i, InstanceEvent::kUnrouted);
}

void Instances::Stop(const std::string& id) {
  Instance* i = Find(id);
  if (i == nullptr) return;
  // One that does not serve what it should counts as a death of its place; one that is not needed any more does not.
  if (i->state == InstanceState::kStarting || i->state == InstanceState::kBroken) {
    if (i->reason.empty()) i->reason = "it was not ready in time";
    RememberDeath(*i);
  }
  SMHOST_FAILPOINT(stop_begins);
  Happen(*i, InstanceEvent::kTermSent);
  if (!i->pidfd) return;
  (void)SendSignal(i->pidfd, SIGTERM);
  (void)SendSignal(i->pidfd, SIGCONT);  // one that is stopped could not hear it
  SMHOST_FAILPOINT(stop_sent);
  if (!i->lost) return;
  loop_.After(limits::kLostGrace, [this, id] {
    if (Instance* lost = Find(id); lost != nullptr && lost->state == InstanceState::kStopping) Kill(id);
  });
}

void Instances::Kill(const std::string& id) {
  Instance* i = Find(id);
  if (i == nullptr) return;
  Happen(*i, InstanceEvent::kKillSent);
  if (i->pidfd) (void)SendSignal(i->pidfd, SIGKILL);
}

void Instances::PidEnded(const std::string& id) {
  Instance* i = Find(id);
  if (i == nullptr) return;
  loop_.Forget(i->pidfd.get());
  i->pidfd.Reset();
  if (!templates_.Alive(i->template_key)) return Ended(*i, i->reason.empty() ? "it ended" : i->reason);
  AwaitReason(id, "it ended");
}

void Instances::AwaitReason(const std::string& id, const std::string& otherwise) {
  loop_.After(kWaitForReason, [this, id, otherwise] {
    if (Instance* waited = Find(id); waited != nullptr && waited->state != InstanceState::kDead) Ended(*waited, otherwise);
  });
}

void Instances::TemplateSaysExited(const Exited& exited) {
  Instance* i = Find(exited.id);
  if (i == nullptr || i->state == InstanceState::kDead) return;
  Ended(*i, exited.reason);
}

void Instances::Ended(Instance& instance, const std::string& reason) {
  CloseSocket(instance);
  if (instance.pidfd) {
    loop_.Forget(instance.pidfd.get());
    instance.pidfd.Reset();
  }
  bool expected = instance.state == InstanceState::kStopping || instance.state == InstanceState::kKilling ||
                  instance.state == InstanceState::kDraining;
  instance.reason = reason;
  if (!expected) {
    RememberDeath(instance);
    note_(KeyOf(instance), "InstanceDied",
          "instance " + instance.order.id + " (" + instance.order.variant + "/" + std::to_string(instance.order.index) + "): " + reason, true);
  }
  Happen(instance, InstanceEvent::kEnded);
  changed_();
}

void Instances::RememberDeath(const Instance& instance) {
  const PlaceKey key{KeyOf(instance), SlotOf(instance)};
  Place& place = places_[key];
  // Its life is the time that it served: how long a model loads says nothing for it.
  const MonotonicTime now = clock_.Monotonic();
  place.history.Remember({instance.state == InstanceState::kReady ? instance.since : now, now, instance.order.id, instance.excused});
  place.seen.last_reason = "Last: " + instance.reason + ".";
  ++place.restarts;
  Judge(key, place);
}

void Instances::Excuse(const std::string& id) {
  for (auto& [key, place] : places_) {
    if (!place.history.Excuse(id)) continue;
    Judge(key, place);
    return changed_();
  }
  if (Instance* living = Find(id)) living->excused = true;
}

// What follows from the deaths in that place, the last of them and what was learnt of them since.
void Instances::Judge(const PlaceKey& key, Place& place) {
  RestartRules rules;
  rules.healthy_life = limits::kHealthyLife;
  rules.first_at_once = true;  // an instance that has served deserves its successor at once
  const Life& last = place.history.lives().back();
  const RestartDecision decision = DecideRestart(rules, place.history, std::hash<std::string>{}(last.id));
  place.seen.next_start = last.ended + decision.delay;
  const bool gave_up = std::exchange(place.seen.gave_up, decision.limit_reached);
  const std::string name = key.second.variant + "/" + std::to_string(key.second.index);
  if (decision.limit_reached && !gave_up)
    note_(key.first, "StartLimitReached", name + " died too often and is not started again until the endpoint changes", true);
  if (gave_up && !decision.limit_reached)
    note_(key.first, "StartLimitLifted", name + " is started again: it died of requests that are refused now", false);
}

void Instances::Forget(const std::string& id) {
  Instance* i = Find(id);
  if (i == nullptr) return;
  (void)files_.Remove(home_.InstanceRecord(id));
  SMHOST_FAILPOINT(instance_forgotten);
  (void)files_.Remove(home_.InstanceSocket(id));
  (void)files_.RemoveTree(i->order.scratch_folder);
  SweepLogs(FolderOf(i->order.log_path));
  instances_.erase(id);
}

// The newest stay: what ended lately may want an explanation.
void Instances::SweepLogs(const std::string& folder) {
  auto entries = files_.List(folder);
  if (!entries || entries->size() <= limits::kLogFilesPerVariant) return;
  std::vector<std::pair<WallTime, std::string>> logs;
  for (const auto& entry : *entries) {
    std::string path = folder + "/" + entry.name;
    if (auto info = files_.Info(path); info && info->is_file) logs.emplace_back(info->modified, path);
  }
  std::sort(logs.begin(), logs.end());
  for (std::size_t n = 0; n + limits::kLogFilesPerVariant < logs.size(); ++n) (void)files_.Remove(logs[n].second);
}

void Instances::ForgetFleet(const EndpointKey& endpoint, const std::string& fleet) {
  std::erase_if(places_, [&](const auto& entry) { return entry.first.first == endpoint && entry.first.second.fleet == fleet; });
}

void Instances::Observe(const EndpointKey& endpoint, Observed& observed) const {
  for (const auto& [id, i] : instances_) {
    if (KeyOf(*i) != endpoint) continue;
    observed.instances.push_back(
        {id, i->order.fleet, i->order.variant, i->order.index, i->state, i->since, i->started, i->reason});
  }
  observed.slots = SlotsOf(endpoint);
}

std::map<Slot, SlotHistory> Instances::SlotsOf(const EndpointKey& endpoint) const {
  std::map<Slot, SlotHistory> slots;
  for (const auto& [key, place] : places_)
    if (key.first == endpoint) slots[key.second] = place.seen;
  return slots;
}

int Instances::RestartsOf(const EndpointKey& endpoint, const Slot& slot) const {
  auto it = places_.find({endpoint, slot});
  return it == places_.end() ? 0 : it->second.restarts;
}

}  // namespace smhost
