// The values that clients put into CloudWatch, a line of JSON each, in a file of each account (accounts/<id>/metrics/log, and
// log.1 before it). The API process appends, any of its threads; it reads for queries, and so does the controller for alarms,
// each with a reader of its own. Appended, not synced: what a power cut tears is left out when it is read, as are values
// older than a day.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "state/home.h"
#include "telemetry/metric_data.h"

namespace smhost {

// All of them, in one write. A full file becomes log.1.
Status AppendMetricData(Files& files, const Home& home, const std::string& account, const std::vector<MetricDatum>& data);

// Reads on where it was the time before.
class MetricLogReader {
 public:
  MetricLogReader(Files& files, const Home& home, std::string account) : files_(&files), path_(home.MetricLog(account)) {}

  // Each datum that was not told yet. `restart` is called before them where all are told anew: another file took the place
  // of the one that was read.
  void Read(const std::function<void()>& restart, const std::function<void(MetricDatum)>& take);

 private:
  std::size_t Replay(std::string_view text, const std::function<void(MetricDatum)>& take);

  Files* files_;
  std::string path_;
  std::string head_;      // the first line: other in each file
  std::size_t read_ = 0;  // bytes of the file
};

}  // namespace smhost
