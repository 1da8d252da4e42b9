#include "log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/descriptor.h"

namespace smhost::cli {
namespace {

constexpr std::size_t kStampBytes = 24;  // "2026-01-31T12:00:00.123Z"

bool BeginsWithStamp(std::string_view line) {
  return line.size() >= kStampBytes && line[4] == '-' && line[10] == 'T' && line[19] == '.' &&
         line[kStampBytes - 1] == 'Z';
}

std::vector<std::string> Entries(const std::string& folder, bool folders) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) == folders) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadFrom(int fd, off_t offset) {
  std::string text;
  char buffer[256 * 1024];
  for (;;) {
    ssize_t n = ::pread(fd, buffer, sizeof buffer, offset + static_cast<off_t>(text.size()));
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

bool LogFiles::exists() const {
  std::error_code error;
  return std::filesystem::is_directory(folder_, error);
}

std::vector<std::string> LogFiles::Variants() const { return Entries(folder_, true); }

void LogFiles::ReadFile(const std::string& path, const std::string& variant, const std::string& instance,
                        std::vector<LogLine>& into) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return;
  Place& place = places_[info.st_ino];
  if (info.st_size < place.offset) place = {};  // cut short, or a new file under an old number
  if (info.st_size == place.offset) return;
  std::string text = ReadFrom(fd.get(), place.offset);
  std::size_t end = text.rfind('\n');
  if (end == text.npos) return;  // a line that is still being written
  place.offset += static_cast<off_t>(end) + 1;
  std::string_view rest = std::string_view(text).substr(0, end + 1);
  while (!rest.empty()) {
    std::size_t stop = rest.find('\n');
    std::string_view line = rest.substr(0, stop);
    rest.remove_prefix(stop + 1);
    if (BeginsWithStamp(line)) {
      place.last_time = std::string(line.substr(0, kStampBytes));
      line.remove_prefix(std::min(line.size(), kStampBytes + 1));
    }
    into.push_back({place.last_time, variant, instance, std::string(line)});
  }
}

std::vector<LogLine> LogFiles::ReadNew(FolderWatch* watch) {
  std::vector<LogLine> lines;
  if (watch != nullptr) watch->Add(folder_);
  for (const auto& variant : Variants()) {
    if (!variant_.empty() && variant != variant_) continue;
    std::string folder = folder_ + "/" + variant;
    if (watch != nullptr) watch->Add(folder);
    std::set<std::string> instances;
    for (const auto& name : Entries(folder, false)) instances.insert(name.substr(0, name.find(".log")));
    for (const auto& instance : instances)
      for (const char* ending : {".log.1", ".log"})
        ReadFile(folder + "/" + instance + ending, variant, instance, lines);
  }
  std::stable_sort(lines.begin(), lines.end(), [](const LogLine& a, const LogLine& b) { return a.time < b.time; });
  return lines;
}

}  // namespace smhost::cli
