// Lines and fields of text/csv and text/plain.
#include <algorithm>

#include "wire/answer_collector.h"

namespace smhost {
namespace {

// The text up to `end`, which goes too.
std::string_view TakeUntil(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

void Field(std::string_view expected, std::string_view given, AnswerCollector& collector) {
  expected = Trim(expected);
  given = Trim(given);
  double a = 0, b = 0;
  if (ReadAnswerNumber(expected, a) && ReadAnswerNumber(given, b)) collector.Number(a, b);
  else if (expected != given) collector.Mismatch("\"" + CutAnswer(expected) + "\"", "\"" + CutAnswer(given) + "\"");
}

void Line(std::string_view expected, std::string_view given, AnswerCollector& collector) {
  for (std::size_t column = 0; !expected.empty() || !given.empty(); ++column) {
    collector.Enter(column);
    Field(TakeUntil(expected, ','), TakeUntil(given, ','), collector);
    collector.Leave();
  }
}

}  // namespace

void WalkText(std::string_view expected, std::string_view given, AnswerCollector& collector) {
  for (std::size_t line = 0; !expected.empty() || !given.empty(); ++line) {
    collector.Enter(line);
    Line(TakeUntil(expected, '\n'), TakeUntil(given, '\n'), collector);
    collector.Leave();
  }
}

}  // namespace smhost
