#include "telemetry/series_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor.h"
#include "base/json.h"
#include "base/limits.h"

namespace smhost {
namespace {

std::int64_t PeriodOf(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count() / kSeriesPeriodSeconds;
}

Json Encode(const LatencySnapshot& latency) {
  Json list = {latency.count, latency.sum_us};
  for (std::size_t i = 0; i < latency.buckets.size(); ++i)
    if (latency.buckets[i] != 0) list.insert(list.end(), {Json(i), Json(latency.buckets[i])});
  return list;
}

Json Encode(const CounterKey& key, const CounterSnapshot& c) {
  return {key.account,    key.endpoint,   key.variant,    key.config,     c.epoch,         c.invocations,
          c.errors_4xx,   c.errors_5xx,   c.model_errors, c.per_instance, Encode(c.model), Encode(c.overhead)};
}

bool AreNumbers(const Json& list, std::size_t from, std::size_t to) {
  return list.is_array() && list.size() >= to &&
         std::all_of(list.begin() + static_cast<std::ptrdiff_t>(from), list.begin() + static_cast<std::ptrdiff_t>(to),
                     [](const Json& item) { return item.is_number_unsigned(); });
}

bool Decode(const Json& list, LatencySnapshot& latency) {
  if (!AreNumbers(list, 0, list.size()) || list.size() < 2 || list.size() % 2 != 0) return false;
  latency.count = list[0];
  latency.sum_us = list[1];
  for (std::size_t i = 2; i < list.size(); i += 2) {
    if (list[i].get<std::uint64_t>() >= latency.buckets.size()) return false;
    latency.buckets[list[i].get<std::size_t>()] = list[i + 1];
  }
  return true;
}

bool Decode(const Json& list, CounterKey& key, CounterSnapshot& c) {
  if (!list.is_array() || list.size() != 12 || !AreNumbers(list, 4, 10)) return false;
  for (std::size_t i = 0; i < 4; ++i)
    if (!list[i].is_string()) return false;
  key = {list[0], list[1], list[2], list[3]};
  c.epoch = list[4];
  c.invocations = list[5];
  c.errors_4xx = list[6];
  c.errors_5xx = list[7];
  c.model_errors = list[8];
  c.per_instance = list[9];
  return Decode(list[10], c.model) && Decode(list[11], c.overhead);
}

bool Decode(const Json& line, std::int64_t& end, SeriesSample& sample) {
  const Json& keys = MemberOr(line, "counters");
  if (!MemberOr(line, "end").is_number_integer() || !keys.is_array()) return false;
  end = IntOr(line, "end");
  for (const Json& item : keys) {
    CounterKey key;
    CounterSnapshot counter;
    if (!Decode(item, key, counter)) return false;
    sample.emplace_back(std::move(key), counter);
  }
  return true;
}

// Only what the file keeps: a sample that was read must equal one that is counted on from it.
CounterSnapshot Kept(CounterSnapshot c) {
  c.shadow_compared = c.shadow_dropped = c.shadow_status_mismatches = c.shadow_shape_mismatches = 0;
  c.shadow_difference_sum = c.shadow_difference_largest = 0;
  return c;
}

}  // namespace

bool SeriesFile::Replay(const std::string& path, Series& series) {
  const auto text = files_.Read(path, limits::kSeriesFileBytes * 2);
  if (!text) return false;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = text->find('\n', at);
    if (end == std::string::npos) break;  // torn
    const auto line = ParseJson(std::string_view(*text).substr(at, end - at), path, limits::kSeriesFileBytes);
    at = end + 1;
    std::int64_t period = 0;
    SeriesSample sample;
    if (!line || !Decode(*line, period, sample)) continue;
    if (!BoolOr(*line, "base")) series.BeginAtZero();
    used_ = true;
    series.Sample(sample, last_ == 0 ? 1 : period - last_);
    last_ = period;
  }
  return true;
}

void SeriesFile::Load(Series& series, WallTime now) {
  Replay(path_ + ".1", series);
  Replay(path_, series);
  // The time without a controller: the next sample is then the period after `now`.
  if (last_ != 0 && PeriodOf(now) > last_) series.Sample({}, PeriodOf(now) - last_);
}

Status SeriesFile::Write(const SeriesSample& sample, bool base, WallTime end) {
  Json counters = Json::array();
  for (const auto& [key, counter] : sample) counters.push_back(Encode(key, Kept(counter)));
  const std::string line = CompactJson({{"end", PeriodOf(end)}, {"base", base}, {"counters", counters}}) + "\n";
  Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return FailErrno("open", path_, errno);
  // One call: a line that is cut short by a full disk has no end, and the next one begins with one.
  const std::string bytes = "\n" + line;
  const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
  if (n != static_cast<ssize_t>(bytes.size())) return FailErrno("write", path_, n < 0 ? errno : ENOSPC);
  return {};
}

Status SeriesFile::Append(const SeriesSample& changed, const Series& series, WallTime end) {
  if (changed.empty()) return {};
  const auto info = files_.Info(path_);
  const bool full = info && info->size_bytes >= limits::kSeriesFileBytes;
  if (full) SMHOST_TRY_STATUS(files_.Rename(path_, path_ + ".1"));
  // What a file begins with is counted on from where the file before is lost; all else began at 0.
  const bool base = full || (!info && used_) || series.LastWasFirst();
  used_ = true;
  return Write(full || !info ? series.Last() : changed, base, end);
}

}  // namespace smhost
