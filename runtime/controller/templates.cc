#include "controller/templates.h"

#include <signal.h>

#include <algorithm>

#include "base/failpoint.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/sockets.h"

namespace smhost {
namespace {

constexpr Duration kLauncherRetry = std::chrono::milliseconds(10);
constexpr int kLauncherTries = 3000;  // 30 s: then what waits for it fails, and says so
constexpr Duration kForgetFailure = std::chrono::seconds(5);  // a serving fleet may try its template again then

std::string KeyOf(const TemplateOrder& order) {
  VariantSpec variant;
  variant.digest = order.digest;
  variant.environment = order.environment;
  return TemplateKey(variant);
}

}  // namespace

std::optional<ProcessId> LivingProcessOf(Files& files, const std::string& record_path) {
  if (!FileLock::Held(record_path)) return std::nullopt;
  auto text = files.Read(record_path, limits::kControlMessageBytes);
  auto record = text ? DecodeRecord(*text) : Fail(text.error());
  return record ? std::optional(record->process) : std::nullopt;
}

Templates::Templates(EventLoop& loop, Files& files, const Home& home, Events events)
    : loop_(loop), files_(files), home_(home), events_(std::move(events)) {}

Templates::~Templates() {
  for (const auto& t : all_)
    if (t->pidfd) loop_.Forget(t->pidfd.get());
}

void Templates::Adopt() {
  auto entries = files_.List(home_.Run() + "/templates");
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (!entry.name.ends_with(".json")) continue;
    std::string id = entry.name.substr(0, entry.name.size() - 5), path = home_.TemplateRecord(id);
    auto t = std::make_shared<Template>();
    t->order.id = id;
    auto text = files_.Read(path, limits::kControlMessageBytes);
    auto record = text ? DecodeRecord(*text) : Fail(Code::kNotFound, "");
    auto order = record ? DecodeTemplateOrder(record->order) : Fail(Code::kNotFound, "");
    if (!FileLock::Held(path) || !order) {
      Drop(t);
      continue;
    }
    t->order = *order;
    t->key = KeyOf(*order);
    t->process = record->process;
    SMHOST_FAILPOINT(adopt_template);
    by_key_[t->key] = t;
    all_.insert(t);
    Watch(t);
  }
}

void Templates::WarmLauncher() {
  if (launcher_ || connecting_) return;
  connecting_ = true;
  tries_ = 0;
  events_.launcher_wanted();
  ConnectLauncher();
}

void Templates::ConnectLauncher() {
  auto socket = ConnectUnix(home_.LauncherSocket(), SocketKind::kPacket);
  if (!socket) {
    if (++tries_ < kLauncherTries) {
      loop_.After(kLauncherRetry, [this] { ConnectLauncher(); });
      return;
    }
    connecting_ = false;
    for (const auto& t : std::exchange(waiting_, {}))
      FailTemplate(t, "The launcher (smhost-worker) did not start; see logs/launcher.log and `smhost doctor`.");
    return;
  }
  connecting_ = false;
  launcher_ = std::make_unique<Channel>(
      loop_, std::move(*socket), [this](const std::string& op, const Json& m) { LauncherSays(op, m); },
      [this] { LauncherGone(); });
  for (const auto& t : waiting_) SendOrder(t);
}

void Templates::LauncherGone() {
  launcher_.reset();
  // One that was killed between the fork and its answer has left a record.
  for (const auto& t : std::vector<Handle>(waiting_)) {
    auto process = LivingProcessOf(files_, home_.TemplateRecord(t->order.id));
    if (!process && t->ending) Drop(t);
    if (!process) continue;
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), t), waiting_.end());
    t->process = *process;
    Watch(t);
  }
  events_.note("LauncherLost", "the launcher ended; templates and instances go on", true);
  if (!waiting_.empty()) WarmLauncher();
}

void Templates::SendOrder(const Handle& t) {
  // Under a fresh id: what an order that was never answered left behind is not in the way.
  t->order.id = "t-" + RandomHex(6);
  (void)launcher_->Send(Encode(t->order));
  SMHOST_FAILPOINT(template_ordered);
}

void Templates::Start(const std::string& key, const VariantSpec& variant, const std::string& model_folder) {
  auto t = std::make_shared<Template>();
  t->key = key;
  t->order.digest = variant.digest;
  t->order.model_folder = model_folder;
  t->order.environment = variant.environment;
  by_key_[key] = t;
  all_.insert(t);
  waiting_.push_back(t);
  std::weak_ptr<Template> weak = t;
  t->load_timer = loop_.After(variant.startup_timeout, [this, weak, limit = variant.startup_timeout] {
    auto self = weak.lock();
    if (self && self->seen.state == ObservedTemplate::State::kLoading && !self->ending)
      FailTemplate(self, "It did not load within " + std::to_string(limit.count()) + " s.");
  });
  if (launcher_) SendOrder(t);
  else WarmLauncher();
}

Templates::Handle Templates::Find(const std::string& id) const {
  for (const auto& t : all_)
    if (t->order.id == id) return t;
  return nullptr;
}

void Templates::LauncherSays(const std::string&, const Json& message) {
  auto started = DecodeStarted(message);
  if (!started) return;
  Handle t = Find(started->id);
  if (!t) return;
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), t), waiting_.end());
  if (!started->process && t->ending) return Drop(t);
  if (!started->process) return FailTemplate(t, started->error);
  t->process = *started->process;
  Watch(t);
}

void Templates::Watch(const Handle& t) {
  auto pidfd = OpenProcess(t->process);
  if (!pidfd) return Ended(t);
  t->pidfd = std::move(*pidfd);
  loop_.OnReadable(t->pidfd.get(), [this, t] { Ended(t); });
  if (!ConnectTemplate(t)) End(t);
  else if (t->ending) End(t);
}

bool Templates::ConnectTemplate(const Handle& t) {
  auto socket = ConnectUnix(home_.TemplateSocket(t->order.id), SocketKind::kPacket);
  if (!socket) {
    spdlog::warn("template {}: {}", t->order.id, socket.error().message);
    return false;
  }
  std::weak_ptr<Template> weak = t;
  t->channel = std::make_unique<Channel>(
      loop_, std::move(*socket),
      [this, weak](const std::string& op, const Json& m) {
        if (auto self = weak.lock()) TemplateSays(self, op, m);
      },
      [this, weak] {
        // Its process ends or has lost its mind; the pidfd tells which.
        if (auto self = weak.lock(); self && !self->ending) End(self);
      });
  return true;
}

void Templates::TemplateSays(const Handle& t, const std::string& op, const Json& message) {
  if (op == "report") {
    auto report = DecodeTemplateReport(message);
    if (!report) return;
    if (!report->ready) return FailTemplate(t, report->error);
    crashes_.erase(t->key);
    loop_.Cancel(t->load_timer);
    t->seen.state = ObservedTemplate::State::kReady;
    SMHOST_FAILPOINT(template_seen);
    events_.note("TemplateReady", "loaded " + report->model_file + " of " + t->order.digest + " in " +
                                      std::to_string(report->load_ms) + " ms", false);
    events_.changed();
  } else if (op == "started") {
    auto started = DecodeStarted(message);
    if (!started || t->asked.empty() || t->asked.front().first != started->id) return;
    auto callback = std::move(t->asked.front().second);
    t->asked.erase(t->asked.begin());
    loop_.Cancel(t->answer_timer);
    if (!t->asked.empty()) AwaitAnswer(t);
    callback(*started);
  } else if (op == "exited") {
    if (auto exited = DecodeExited(message)) events_.instance_exited(*exited);
  }
}

void Templates::Ask(const std::string& key, const InstanceOrder& order, std::function<void(const Started&)> started) {
  auto it = by_key_.find(key);
  if (it == by_key_.end() || !it->second->channel) return started({order.id, std::nullopt, "its template is gone"});
  Handle t = it->second;
  t->asked.emplace_back(order.id, std::move(started));
  if (t->asked.size() == 1) AwaitAnswer(t);
  if (t->channel->Send(Encode(order))) return;
  loop_.Cancel(t->answer_timer);
  auto callback = std::move(t->asked.back().second);
  t->asked.pop_back();
  callback({order.id, std::nullopt, "its template does not listen"});
}

void Templates::AwaitAnswer(const Handle& t) {
  std::weak_ptr<Template> weak = t;
  t->answer_timer = loop_.After(limits::kTemplateSilent, [this, weak] {
    if (auto self = weak.lock()) Silent(self);
  });
}

// It forks in milliseconds: one that does not is stopped or has lost its mind. Its instances go on.
void Templates::Silent(const Handle& t) {
  events_.note("TemplateSilent", "the template of " + t->order.digest + " has not answered for 10 s and is replaced", true);
  End(t);
  // At once: should it wake after all, it must not fork an instance that nobody waits for.
  if (t->pidfd) (void)SendSignal(t->pidfd, SIGKILL);
}

void Templates::Ended(const Handle& t) {
  bool loading = t->seen.state == ObservedTemplate::State::kLoading && !t->ending;
  if (t->pidfd) loop_.Forget(t->pidfd.get());
  t->pidfd.Reset();
  t->channel.reset();
  for (auto timer : {t->timer, t->load_timer, t->answer_timer}) loop_.Cancel(timer);
  for (auto& [id, callback] : std::exchange(t->asked, {})) callback({id, std::nullopt, "its template ended"});
  if (loading) {
    // Killed from outside or crashed in the model: once more, in case it was the former.
    if (++crashes_[t->key] < 2) {
      Drop(t);
    } else {
      crashes_.erase(t->key);
      FailTemplate(t, "The process that loads the model crashed; see `smhost logs` and logs/launcher.log.");
    }
  } else if (t->seen.state != ObservedTemplate::State::kFailed) {
    Drop(t);
  }
  events_.changed();
}

void Templates::FailTemplate(const Handle& t, const std::string& error) {
  t->seen.state = ObservedTemplate::State::kFailed;
  t->seen.error = error;
  events_.note("TemplateFailed", error, true);
  loop_.After(kForgetFailure, [this, t] {
    EndOrDrop(t);
    events_.changed();
  });
  events_.changed();
}

void Templates::End(const Handle& t) {
  t->ending = true;
  auto it = by_key_.find(t->key);
  if (it != by_key_.end() && it->second == t) by_key_.erase(it);
  if (!t->pidfd) return;
  (void)SendSignal(t->pidfd, SIGTERM);
  (void)SendSignal(t->pidfd, SIGCONT);  // one that is stopped could not hear it
  loop_.Cancel(t->timer);
  t->timer = loop_.After(limits::kStopGrace, [t] {
    if (t->pidfd) (void)SendSignal(t->pidfd, SIGKILL);
  });
}

// The launcher has the order: a process comes of it, which only we will end.
bool Templates::Ordered(const Handle& t) const {
  return launcher_ != nullptr && std::find(waiting_.begin(), waiting_.end(), t) != waiting_.end();
}

void Templates::EndOrDrop(const Handle& t) {
  End(t);
  if (!t->pidfd && !Ordered(t)) Drop(t);
}

void Templates::Drop(const Handle& t) {
  auto it = by_key_.find(t->key);
  if (it != by_key_.end() && it->second == t) by_key_.erase(it);
  all_.erase(t);
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), t), waiting_.end());
  if (t->order.id.empty()) return;
  (void)files_.Remove(home_.TemplateRecord(t->order.id));
  (void)files_.Remove(home_.TemplateSocket(t->order.id));
}

void Templates::KeepOnly(const std::set<std::string>& needed_keys) {
  std::vector<Handle> idle;
  for (const auto& [key, t] : by_key_)
    if (needed_keys.count(key) == 0) idle.push_back(t);
  for (const auto& t : idle) EndOrDrop(t);
}

std::map<std::string, ObservedTemplate> Templates::Observe() const {
  std::map<std::string, ObservedTemplate> seen;
  for (const auto& [key, t] : by_key_) seen[key] = t->seen;
  return seen;
}

bool Templates::Alive(const std::string& key) const {
  auto it = by_key_.find(key);
  return it != by_key_.end() && it->second->channel != nullptr;
}

}  // namespace smhost
