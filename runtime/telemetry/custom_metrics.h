// The metrics that clients put, of one account, as queries and alarms ask for them: a day of values, those of the metrics that
// somebody wants. One thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "state/home.h"
#include "telemetry/metric_log.h"

namespace smhost {

class CustomMetrics {
 public:
  CustomMetrics(Files& files, const Clock& clock, const Home& home, const std::string& account)
      : files_(files), clock_(clock), home_(home), account_(account), reader_(files, home, account) {}

  // Which metrics are kept; another set than before is read anew.
  void Want(const std::set<MetricId>& wanted);
  // Reads what was put since.
  void Refresh();

  // `count` periods of so many seconds, the newest last and ending at `end`; nothing for a period without data. `unit`
  // empty: whatever unit.
  std::vector<std::optional<double>> Query(const MetricId& id, const std::string& statistic, int period_seconds, std::size_t count,
                                           std::int64_t end, const std::string& unit = "") const;
  // The units of the values in a stretch of time.
  std::set<std::string> Units(const MetricId& id, std::int64_t begin, std::int64_t end) const;

 private:
  Files& files_;
  const Clock& clock_;
  const Home& home_;
  const std::string account_;
  MetricLogReader reader_;
  std::set<MetricId> wanted_;
  std::map<MetricId, std::multimap<std::int64_t, MetricDatum>> data_;
};

// Every metric of the account that has a value of the last day, with the time of its newest one.
std::map<MetricId, std::int64_t> ListCustomMetrics(Files& files, const Clock& clock, const Home& home, const std::string& account);

}  // namespace smhost
