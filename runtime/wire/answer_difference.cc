#include "wire/answer_difference.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "wire/answer_collector.h"

namespace smhost {
namespace {

std::string Shown(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number);
  return {text, end.ptr};
}

bool Is(const std::string& type, std::string_view wanted) { return type == wanted; }
bool IsJson(const std::string& type) { return Is(type, "application/json") || type.ends_with("+json"); }
bool IsLines(const std::string& type) { return Is(type, "application/jsonlines") || Is(type, "application/x-ndjson"); }

void CompareBytes(std::string_view expected, std::string_view given, AnswerCollector& collector) {
  if (expected == given) return;
  const auto differ = std::mismatch(expected.begin(), expected.end(), given.begin(), given.end());
  collector.Mismatch(std::to_string(expected.size()) + " bytes",
                     std::to_string(given.size()) + " bytes that differ from byte " +
                         std::to_string(differ.first - expected.begin()) + " on");
}

bool Walk(const std::string& type, std::string_view expected, std::string_view given, AnswerCollector& collector) {
  if (IsJson(type) || IsLines(type)) return WalkJson(expected, given, IsLines(type), collector);
  if (Is(type, "application/x-npy")) return WalkNpy(expected, given, collector);
  if (!type.starts_with("text/")) return false;
  WalkText(expected, given, collector);
  return true;
}

}  // namespace

std::string MediaTypeOf(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type;
}

std::string CutAnswer(std::string_view text) {
  constexpr std::size_t kMost = 80;
  if (text.size() <= kMost) return std::string(text);
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

bool ReadAnswerNumber(std::string_view text, double& value) {
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits.front() == '-';
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
  if (digits.empty() || digits.front() == '-' || digits.front() == '+') return false;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ptr != digits.data() + digits.size()) return false;
  if (read.ec == std::errc::result_out_of_range) {
    // Too small is 0, too large is infinite, as Python reads it.
    const auto exponent = digits.find_first_of("eE");
    const bool small = exponent != std::string_view::npos ? digits.find('-', exponent) != std::string_view::npos
                                                          : digits.front() == '0' || digits.front() == '.';
    value = small ? 0 : std::numeric_limits<double>::infinity();
  } else if (read.ec != std::errc()) {
    return false;
  }
  if (negative) value = -value;
  return true;
}

void AnswerCollector::Number(double expected, double given) {
  if (!std::isfinite(expected) || !std::isfinite(given)) {
    const bool same = expected == given || (std::isnan(expected) && std::isnan(given));
    if (!same) return Mismatch(Shown(expected), Shown(given));
    return Number(0, 0, 0);
  }
  Number(expected, given, std::fabs(given - expected));
}

void AnswerCollector::Number(double expected, double given, double difference) {
  difference = std::min(difference, std::numeric_limits<double>::max());
  ++found_.numbers;
  sum_ += difference / 2;  // half, so that two largest doubles still have a sum
  if (difference > tolerance_.absolute + tolerance_.relative * std::fabs(expected)) {
    if (found_.text.empty())
      Fail(Shown(expected), Shown(given), ", which differs by " + Shown(difference) + ", more than " +
           Shown(tolerance_.absolute + tolerance_.relative * std::fabs(expected)));
    found_.within = false;
  }
  if (difference > found_.largest) {
    found_.largest = difference;
    if (found_.text.empty()) found_.where = Where();
  }
}

void AnswerCollector::Mismatch(const std::string& expected, const std::string& given) {
  found_.same_shape = found_.within = false;
  if (found_.text.empty()) Fail(expected, given, "");
}

void AnswerCollector::Fail(const std::string& expected, const std::string& given, const std::string& more) {
  found_.where = Where();
  found_.text = "at " + found_.where + " expected " + expected + ", got " + given + more;
}

std::string AnswerCollector::Where() const {
  std::string where = "$";
  for (const Step& step : path_) {
    if (step.member.data() == nullptr) where += "[" + std::to_string(step.index) + "]";
    else where += "." + CutAnswer(step.member);
  }
  return where;
}

AnswerDifference AnswerCollector::Finish() {
  if (found_.numbers > 0) {
    const double mean = sum_ / static_cast<double>(found_.numbers) * 2;
    found_.mean = std::min(mean, std::numeric_limits<double>::max());
  }
  return std::move(found_);
}

AnswerDifference CompareAnswers(std::string_view expected_type, std::string_view expected, std::string_view given_type,
                                std::string_view given, AnswerTolerance tolerance, std::size_t limit) {
  AnswerCollector collector(tolerance);
  const std::string type = MediaTypeOf(expected_type), other = MediaTypeOf(given_type);
  const bool bounded = expected.size() <= limit && given.size() <= limit;
  if (type != other) collector.Mismatch("content type " + CutAnswer(type), CutAnswer(other));
  else if (!bounded || !Walk(type, expected, given, collector)) CompareBytes(expected, given, collector);
  return collector.Finish();
}

}  // namespace smhost
