#include "api/wildcard.h"

#include <catch2/catch.hpp>
#include <string>

namespace smhost {
namespace {

TEST_CASE("a star is any text, a question mark one character, and the whole text must match") {
  struct Row {
    const char *pattern, *text;
    bool matches;
  };
  const Row rows[] = {
      {"", "", true},          {"", "a", false},         {"*", "", true},           {"*", "anything", true},
      {"a*", "a", true},       {"a*", "ba", false},      {"*a", "ba", true},        {"*a", "ab", false},
      {"a*c", "abc", true},    {"a*c", "ac", true},      {"a*c", "acb", false},     {"a*b*c", "axxbyybzc", true},
      {"?", "", false},        {"?", "a", true},         {"?", "ab", false},        {"a?c", "abc", true},
      {"*?", "", false},       {"*?", "a", true},        {"**", "ab", true},        {"a**b", "ab", true},
      {"*ab", "aab", true},    {"*aab", "aaab", true},   {"abc", "abcd", false},    {"abcd", "abc", false},
      {"[a]", "a", false},     {"\\*", "\\x", true},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " on " << row.text);
    CHECK(WildcardMatches(row.pattern, row.text) == row.matches);
  }
}

TEST_CASE("a pattern made to be slow is answered in no more than pattern times text steps") {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "a*";
  CHECK_FALSE(WildcardMatches(pattern + "b", std::string(6000, 'a')));
}

}  // namespace
}  // namespace smhost
