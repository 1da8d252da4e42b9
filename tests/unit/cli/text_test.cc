#include "text.h"

#include <catch2/catch.hpp>

#include "table.h"
#include "time_text.h"

namespace smhost::cli {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a span is read from numbers with units, and a bare number is seconds") {
  CHECK(ParseSpan("90") == 90s);
  CHECK(ParseSpan("0") == 0s);
  CHECK(ParseSpan("250ms") == 250ms);
  CHECK(ParseSpan("1m30s") == 90s);
  CHECK(ParseSpan("2h") == 2h);
  CHECK(ParseSpan("1d") == 24h);
}

TEST_CASE("what is no span is refused") {
  for (const char* text :
       {"", "s", "ten", "1x", "-1s", "1m30", "1.5s", "1 s", "366d", "99999999999999999999s", "9223372036854775807d"}) {
    INFO(text);
    CHECK_FALSE(ParseSpan(text));
  }
}

TEST_CASE("a span is shown with two units at most") {
  CHECK(FormatSpan(0s) == "0s");
  CHECK(FormatSpan(-5s) == "0s");
  CHECK(FormatSpan(59s) == "59s");
  CHECK(FormatSpan(250s) == "4m10s");
  CHECK(FormatSpan(7200s) == "2h");
  CHECK(FormatSpan(100h) == "4d4h");
}

TEST_CASE("an age is the span since a stored time") {
  WallTime now = ParseIso8601("2026-01-31T12:00:10.000Z");
  CHECK(Age("2026-01-31T11:00:00.000Z", now) == "1h");
  CHECK(Age("2026-01-31T12:00:30.000Z", now) == "0s");
  CHECK(Age("soon", now) == "-");
}

TEST_CASE("a mistyped or begun word is completed by a suggestion") {
  const std::vector<std::string> verbs = {"apply", "describe", "delete", "diff"};
  CHECK(Suggestion("aply", verbs) == "; did you mean apply?");
  CHECK(Suggestion("desc", verbs) == "; did you mean describe?");
  CHECK(Suggestion("xyzzy", verbs) == "");
}

TEST_CASE("lines are wrapped at blanks and line breaks stay") {
  CHECK(Wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(Wrap("a\nb", 10) == std::vector<std::string>{"a", "b"});
  CHECK(Wrap("unbreakable", 3) == std::vector<std::string>{"unbreakable"});
}

TEST_CASE("bytes that would move a terminal's cursor become visible") {
  CHECK(Harmless("a\033[2Jb\rc\x7f") == "a\\x1b[2Jb\\x0dc\\x7f");
  CHECK(Harmless("plain\ttext\n×") == "plain\ttext\n×");
}

TEST_CASE("a text for a shell is quoted where it must be") {
  CHECK(ShellQuoted("http://127.0.0.1:8790") == "http://127.0.0.1:8790");
  CHECK(ShellQuoted("a b") == "'a b'");
  CHECK(ShellQuoted("it's") == "'it'\\''s'");
  CHECK(ShellQuoted("") == "''");
  CHECK(ShellQuoted("$(x)") == "'$(x)'");
}

TEST_CASE("a table's columns are as wide as their widest cell, colour and UTF-8 aside") {
  Table table({"NAME", "N"});
  table.Add({"\033[32mvad\033[0m", "1"});
  table.Add({"a×b", "22"});
  CHECK(table.Text() == "NAME  N\n\033[32mvad\033[0m   1\na×b   22\n");
}

}  // namespace
}  // namespace smhost::cli
