#include "api/api_time.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace smhost {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr double kFirst = -62135596800, kLast = 253402300799.999;  // of the years 1 and 9999
constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes pieces off the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool Take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool TakeAny(std::string_view choices) { return !text_.empty() && choices.find(text_.front()) != choices.npos && Take(text_.front()); }
  bool Digits(std::size_t count, int& value) {
    if (text_.size() < count) return false;
    auto [end, fault] = std::from_chars(text_.data(), text_.data() + count, value);
    if (fault != std::errc() || end != text_.data() + count || value < 0 || text_.front() == '-') return false;
    text_.remove_prefix(count);
    return true;
  }
  // The digits behind a point, as a part of one.
  double Fraction() {
    double value = 0, place = 0.1;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; text_.remove_prefix(1), place /= 10)
      value += place * (text_.front() - '0');
    return std::round(value * 1e9) / 1e9;
  }
  bool Word(std::string_view& word, std::size_t count) {
    if (text_.size() < count) return false;
    word = text_.substr(0, count);
    text_.remove_prefix(count);
    return true;
  }
  char front() const { return text_.empty() ? '\0' : text_.front(); }
  bool empty() const { return text_.empty(); }

 private:
  std::string_view text_;
};

std::optional<double> DayOf(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(sys_days(date).time_since_epoch().count()) * 86400;
}

bool TakeClock(Cursor& text, double& seconds) {
  int hour, minute, second;
  if (!text.Digits(2, hour) || !text.Take(':') || !text.Digits(2, minute) || !text.Take(':') || !text.Digits(2, second))
    return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  seconds += hour * 3600 + minute * 60 + second;
  return true;
}

std::optional<double> ParseIso(Cursor text) {
  int year, month, day;
  if (!text.Digits(4, year) || !text.Take('-') || !text.Digits(2, month) || !text.Take('-') || !text.Digits(2, day))
    return std::nullopt;
  std::optional<double> seconds = DayOf(year, month, day);
  if (!seconds || text.empty()) return seconds;
  if (!text.TakeAny("Tt ") || !TakeClock(text, *seconds)) return std::nullopt;
  if (text.TakeAny(".,")) *seconds += text.Fraction();
  const char sign = text.front();
  if (text.TakeAny("Zz") || text.empty()) return text.empty() ? seconds : std::nullopt;
  int hours, minutes;
  if (!text.TakeAny("+-") || !text.Digits(2, hours)) return std::nullopt;
  text.Take(':');
  if (!text.Digits(2, minutes) || !text.empty() || hours > 23 || minutes > 59) return std::nullopt;
  const int offset = hours * 3600 + minutes * 60;
  return *seconds - (sign == '-' ? -offset : offset);
}

// "Tue, 29 Apr 2014 18:30:38 GMT"
std::optional<double> ParseRfc822(Cursor text) {
  std::string_view weekday, month_word, zone;
  int day, year, month = 0;
  if (!text.Word(weekday, 3) || !text.Take(',') || !text.Take(' ') || !text.Digits(2, day) || !text.Take(' ') ||
      !text.Word(month_word, 3) || !text.Take(' ') || !text.Digits(4, year) || !text.Take(' '))
    return std::nullopt;
  while (month < 12 && month_word != kMonths[month]) ++month;
  std::optional<double> seconds = month < 12 ? DayOf(year, month + 1, day) : std::nullopt;
  if (!seconds || !TakeClock(text, *seconds)) return std::nullopt;
  if (text.Take('.')) *seconds += text.Fraction();
  if (!text.Take(' ') || !text.Word(zone, 3) || zone != "GMT" || !text.empty()) return std::nullopt;
  return seconds;
}

std::optional<double> WithinYears(std::optional<double> seconds) {
  return seconds && *seconds >= kFirst && *seconds <= kLast ? seconds : std::nullopt;
}

std::string TextOf(double seconds, TimeFormat format) {
  const double whole = std::floor(seconds);
  const int ms = static_cast<int>(std::lround((seconds - whole) * 1000));
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(whole))) + std::chrono::milliseconds(ms);
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month()), month_day = static_cast<unsigned>(date.day());
  const int hour = static_cast<int>(clock.hours().count()), minute = static_cast<int>(clock.minutes().count());
  const int second = static_cast<int>(clock.seconds().count()), thousandth = static_cast<int>(clock.subseconds().count());
  char fraction[8] = "", text[64];
  if (thousandth != 0) std::snprintf(fraction, sizeof fraction, ".%03d", thousandth % 1000);
  if (format == TimeFormat::kRfc822)
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d%s GMT", kDays[std::chrono::weekday(day).c_encoding()],
                  month_day, kMonths[month - 1], year, hour, minute, second, fraction);
  else
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d%sZ", year, month, month_day, hour, minute, second, fraction);
  return text;
}

}  // namespace

std::optional<double> ParseApiTime(std::string_view text) {
  double number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && fault == std::errc() && end == text.data() + text.size()) return WithinYears(number);
  if (auto iso = ParseIso(Cursor(text))) return WithinYears(iso);
  return WithinYears(ParseRfc822(Cursor(text)));
}

std::optional<double> ApiSeconds(const Json& value) {
  if (value.is_number()) return WithinYears(value.get<double>());
  return value.is_string() ? ParseApiTime(value.get_ref<const std::string&>()) : std::nullopt;
}

Json ApiTime(double seconds, TimeFormat format) {
  if (format != TimeFormat::kUnixTimestamp) return TextOf(seconds, format);
  const double ms = std::round(seconds * 1000);
  if (std::fmod(ms, 1000) == 0) return static_cast<std::int64_t>(ms / 1000);
  return ms / 1000;
}

}  // namespace smhost
