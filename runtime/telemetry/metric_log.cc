#include "telemetry/metric_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "base/limits_api.h"
#include "base/random.h"

namespace smhost {
namespace {

// One put is at most a body of a request long, and a file is full only once it has passed the limit.
constexpr std::size_t kMostBytes = limits::kMetricLogBytes + 2 * limits::kApiBodyBytes;

Status AppendTo(const std::string& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return FailErrno("open", path, errno);
  const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
  if (n != static_cast<ssize_t>(bytes.size())) return FailErrno("write", path, n < 0 ? errno : ENOSPC);
  return {};
}

std::string HeadOf(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Status AppendMetricData(Files& files, const Home& home, const std::string& account, const std::vector<MetricDatum>& data) {
  const std::string path = home.MetricLog(account);
  if (!files.Exists(FolderOf(path))) SMHOST_TRY_STATUS(files.MakeFolders(FolderOf(path), 0700));
  // A line that a full disk cut short has no end: the next one begins with one.
  std::string bytes = "\n";
  for (const MetricDatum& datum : data) bytes += CompactJson(MetricDatumToJson(datum)) + "\n";
  SMHOST_TRY(const auto lock, files.Lock(FolderOf(path) + "/lock", std::chrono::seconds(10)));
  auto info = files.Info(path);
  if (info && info->size_bytes >= limits::kMetricLogBytes) {
    SMHOST_TRY_STATUS(files.Rename(path, path + ".1"));
    info = files.Info(path);
  }
  if (!info) bytes.insert(0, CompactJson({{"log", RandomHex(8)}}));
  return AppendTo(path, bytes);
}

std::size_t MetricLogReader::Replay(std::string_view text, const std::function<void(MetricDatum)>& take) {
  std::size_t at = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', at)) {
    const auto line = ParseJson(text.substr(at, end - at), path_, kMostBytes);
    at = end + 1;
    if (!line) continue;
    if (auto datum = MetricDatumFromJson(*line)) take(std::move(*datum));
  }
  return at;
}

void MetricLogReader::Read(const std::function<void()>& restart, const std::function<void(MetricDatum)>& take) {
  const auto info = files_->Info(path_);
  if (!info || info->size_bytes == 0) return;
  const auto text = files_->Read(path_, kMostBytes);
  if (!text) return;
  if (head_ != HeadOf(*text) || text->size() < read_) {
    restart();
    head_ = HeadOf(*text);
    read_ = 0;
    if (const auto older = files_->Read(path_ + ".1", kMostBytes)) Replay(*older, take);
  }
  read_ += Replay(std::string_view(*text).substr(read_), take);
}

}  // namespace smhost
