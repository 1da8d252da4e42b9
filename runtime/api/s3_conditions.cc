#include "api/s3_conditions.h"

#include <time.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace smhost {
namespace {

bool Names(std::string_view list, const std::string& etag) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item.size() >= 2 && item.starts_with('"') && item.ends_with('"')) item = item.substr(1, item.size() - 2);
    if (item == "*" || item == etag) return true;
  }
  return false;
}

}  // namespace

S3Condition CheckS3Conditions(const HttpHead& head, const std::string& prefix, const std::string& etag,
                              WallTime modified) {
  modified = std::chrono::floor<std::chrono::seconds>(modified);
  auto since = [&](const char* name) -> std::optional<WallTime> {
    const std::string* text = head.Find(prefix + name);
    return text == nullptr ? std::nullopt : ParseHttpDate(*text);
  };
  bool copy = !prefix.empty();
  if (const std::string* match = head.Find(prefix + "if-match")) {
    if (!Names(*match, etag)) return S3Condition::kFailed;
  } else if (auto time = since("if-unmodified-since"); time && modified > *time) {
    return S3Condition::kFailed;
  }
  auto unchanged = copy ? S3Condition::kFailed : S3Condition::kNotModified;
  if (const std::string* none = head.Find(prefix + "if-none-match")) {
    if (Names(*none, etag)) return unchanged;
  } else if (auto time = since("if-modified-since"); time && modified <= *time) {
    return unchanged;
  }
  return S3Condition::kMet;
}

S3RangeAnswer ReadS3Range(std::string_view header, std::uint64_t size_bytes) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return {};
  header.remove_prefix(kUnit.size());
  std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return {};
  auto first = WholeNumber<std::uint64_t>(header.substr(0, dash)), last = WholeNumber<std::uint64_t>(header.substr(dash + 1));
  if ((!first && dash > 0) || (!last && dash + 1 < header.size()) || (!first && !last)) return {};
  if (!first) {
    if (*last == 0 || size_bytes == 0) return {false, std::nullopt};
    std::uint64_t count = std::min(*last, size_bytes);
    return {true, S3Range{size_bytes - count, count}};
  }
  if (last && *last < *first) return {};
  if (*first >= size_bytes) return {false, std::nullopt};
  std::uint64_t end = last ? std::min(*last, size_bytes - 1) : size_bytes - 1;
  return {true, S3Range{*first, end - *first + 1}};
}

std::string FormatHttpDate(WallTime time) {
  std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  struct tm parts {};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  return {text, ::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::optional<WallTime> ParseHttpDate(const std::string& text) {
  struct tm parts {};
  const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace smhost
