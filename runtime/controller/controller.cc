#include "controller/controller.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/process.h"
#include "state/objects.h"

namespace smhost {
namespace {
constexpr Duration kRetry = std::chrono::seconds(1);  // after the disk refused something
}  // namespace

Controller::Controller(EventLoop& loop, Files& files, const Clock& clock, const Home& home, std::function<void()> want_launcher)
    : loop_(loop), clock_(clock), home_(home), store_(files, clock, home),
      machinery_(loop, files, clock, store_, home, [this] { Wake(); }, std::move(want_launcher)),
      reconciler_(store_, clock, machinery_, ThisMachine(), BootId()), watch_(loop, [this] {
        reconciler_.DocumentsChanged();
        Wake();
      }) {
  reconciler_.watch_folders = [this] { WatchFolders(); };
  reconciler_.tell_alarms = [this](const std::string& account, const std::vector<Resource>& alarms) {
    machinery_.SetAlarms(account, alarms);
  };
}

Status Controller::Start() {
  auto incidents = store_.RecoverAll();
  if (!incidents) return Fail(incidents.error());
  if (auto swept = ObjectStore(home_).SweepTemporary(); !swept) spdlog::warn("{}", swept.error().message);
  SMHOST_TRY_STATUS(machinery_.Start());
  for (const auto& incident : *incidents) machinery_.Note({}, "DocumentDamaged", incident.message, true);
  SMHOST_TRY_STATUS(reconciler_.LoadJournals());
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

void Controller::Tick() {
  auto next = reconciler_.Tick();
  if (next.retry) loop_.After(kRetry, [this] { Wake(); });
  LookAgainAt(next.look_again);
}

void Controller::LookAgainAt(std::optional<MonotonicTime> at) {
  loop_.Cancel(look_again_);
  look_again_ = 0;
  if (at) look_again_ = loop_.After(*at - clock_.Monotonic() + std::chrono::milliseconds(1), [this] { Wake(); });
}

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

}  // namespace smhost
