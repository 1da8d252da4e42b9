// The alarms of all accounts: every 10 s the counters are sampled and the alarms evaluated that are due, on them or on what
// clients put (telemetry/metric_log.h); states are kept as statuses and survive the controller. A state that a client sets
// (state/alarm_requests.h) holds from the next sample until the alarm is due again. The times are those of the monotonic clock, laid on multiples of 10 s of the wall
// clock; setting that clock neither loses nor doubles a period. The controller's thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/event_loop.h"
#include "base/files.h"
#include "planning/alarms.h"
#include "resources/alarm_view.h"
#include "state/alarm_requests.h"
#include "state/home.h"
#include "state/store.h"
#include "telemetry/counters.h"
#include "telemetry/custom_metrics.h"
#include "telemetry/series.h"
#include "telemetry/series_file.h"

namespace smhost {

class Alarms {
 public:
  // An event of an alarm; the name is empty where it is none's.
  using Note = std::function<void(const std::string& account, const std::string& alarm, const std::string& reason,
                                  const std::string& message, bool warning)>;

  // Reads what was kept of the past. `changed`: an alarm has another state; never called from within SetDocuments.
  Alarms(EventLoop& loop, Files& files, const Clock& clock, Store& store, const Home& home, std::function<void()> changed,
         Note note);
  ~Alarms();

  // The alarms that there are now; cheap where nothing changed. New and changed ones are evaluated soon, others go with
  // their status.
  void SetDocuments(const std::string& account, const std::vector<Resource>& alarms);
  std::map<std::string, AlarmState> StatesOf(const std::string& account) const;
  // The variants that routes name: the counters of others are freed in time (telemetry/counters.h); none before the first
  // call.
  void SetRouted(std::set<CounterKey> routed) { routed_ = std::move(routed); }

  const Series& series() const { return series_; }
  const Counters& counters() const { return counters_; }

  // What the timers do; a test calls them by hand.
  void Sample();         // a period of 10 s is over
  void EvaluateFresh();  // alarms that are new or changed

 private:
  struct Alarm {
    Resource resource;
    AlarmView view;
    AlarmState state = AlarmState::kInsufficientData;
    bool fresh = true;  // not evaluated since it was made or changed
    bool told = false;  // by a request of this sample: what it said holds until the next
  };
  using Key = std::pair<std::string, std::string>;  // account, name

  void OpenCounters();
  void SampleCounters();
  void Arm();
  void ReadState(const Key& key, Alarm& alarm);
  void ReadCustomMetrics();
  bool TakeRequests();  // true: an alarm has another state
  bool TakeRequest(const Key& key, const AlarmRequest& request, bool& other);
  std::vector<std::optional<double>> ValuesOf(const Key& key, const Alarm& alarm, std::size_t range) const;
  bool IsDue(const Alarm& alarm) const;
  bool Evaluate(const Key& key, Alarm& alarm);  // true: another state
  void Keep(const Key& key, const Alarm& alarm, const AlarmVerdict& verdict);

  EventLoop& loop_;
  Files& files_;
  const Clock& clock_;
  Store& store_;
  const Home& home_;
  std::function<void()> changed_;
  Note note_;
  Counters counters_ = Counters::InMemory();
  bool counters_open_ = false, series_failed_ = false;
  Series series_;
  SeriesFile series_file_;
  std::map<std::string, CustomMetrics> custom_;  // by account
  AlarmRequests requests_;
  WallTime end_{};  // of the last period
  std::optional<std::set<CounterKey>> routed_;  // not known before routes were told
  std::map<Key, Alarm> alarms_;
  EventLoop::Timer timer_ = 0, fresh_timer_ = 0;
};

}  // namespace smhost
