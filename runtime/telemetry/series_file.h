// The samples of a series on disk (HOME/run/series, and series.1 before it), a line of JSON each, so that the next
// controller knows the recent past. Appended, not synced: what a power cut tears is left out when it is read. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "telemetry/series.h"

namespace smhost {

class SeriesFile {
 public:
  SeriesFile(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

  // Replays what is there; `now` is the end of the last whole period. What cannot be read is passed over.
  void Load(Series& series, WallTime now);
  // End of the sample read or written last, in periods since 1970; 0: none.
  std::int64_t last() const { return last_; }
  // What changed with the series' last sample, which ended at `end`. A full file becomes .1, and all that the series
  // knows begins the new one. A failure costs
  // the next controller this sample, nothing else.
  Status Append(const SeriesSample& changed, const Series& series, WallTime end);

 private:
  bool Replay(const std::string& path, Series& series);
  Status Write(const SeriesSample& sample, bool base, WallTime end);

  Files& files_;
  const std::string path_;
  bool used_ = false;      // there was a file, read or written
  std::int64_t last_ = 0;  // end of the sample written or read last, in periods since the epoch
};

}  // namespace smhost
