#include "time_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace smhost::cli {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view word;
  long long ms;
};
constexpr std::array<Unit, 5> kUnits{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr long long kLongestMs = 365LL * 86'400'000;

}  // namespace

std::optional<milliseconds> ParseSpan(std::string_view text) {
  if (text.empty()) return std::nullopt;
  long long total = 0;
  bool first = true;
  while (!text.empty()) {
    long long number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || number > kLongestMs) return std::nullopt;
    bool whole = text.size() == static_cast<std::size_t>(end - text.data());
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::string_view word = text.substr(0, text.find_first_of("0123456789"));
    if (whole && first) word = "s";
    first = false;
    long long factor = 0;
    for (const auto& unit : kUnits)
      if (unit.word == word) factor = unit.ms;
    if (factor == 0) return std::nullopt;
    if (number > kLongestMs / factor) return std::nullopt;
    total += number * factor;
    if (!whole) text.remove_prefix(word.size());
  }
  if (total > kLongestMs) return std::nullopt;
  return milliseconds(total);
}

std::string FormatSpan(std::chrono::seconds span) {
  long long s = std::max<long long>(span.count(), 0);
  auto two = [](long long a, const char* unit_a, long long b, const char* unit_b) {
    std::string out = std::to_string(a) + unit_a;
    return b == 0 ? out : out + std::to_string(b) + unit_b;
  };
  if (s < 60) return std::to_string(s) + "s";
  if (s < 3600) return two(s / 60, "m", s % 60, "s");
  if (s < 86400) return two(s / 3600, "h", s % 3600 / 60, "m");
  return two(s / 86400, "d", s % 86400 / 3600, "h");
}

std::string Age(const std::string& iso8601, WallTime now) {
  WallTime then = ParseIso8601(iso8601);
  if (then == WallTime{}) return "-";
  return FormatSpan(std::chrono::duration_cast<std::chrono::seconds>(now - then));
}

}  // namespace smhost::cli
