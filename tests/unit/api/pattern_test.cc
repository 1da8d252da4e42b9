#include "api/pattern.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

bool Matches(const char* pattern, const std::string& text) { return (*TextPattern::Compile(pattern))->Matches(text); }

TEST_CASE("a pattern matches whole texts only") {
  CHECK(Matches("[a-z]+", "abc"));
  CHECK_FALSE(Matches("[a-z]+", "abc1"));
  CHECK_FALSE(Matches("[a-z]+", "1abc"));
  CHECK_FALSE(Matches("[a-z]+", "abc\n"));
  CHECK(Matches("(https|s3)://([^/]+)/?(.*)", "s3://bucket/key"));
  CHECK_FALSE(Matches("(https|s3)://([^/]+)/?(.*)", "http://bucket/key"));
}

TEST_CASE("a pattern knows look-ahead, look-behind, Unicode classes and Java's characters") {
  CHECK(Matches("(?!\\s*$).+", "x"));
  CHECK_FALSE(Matches("(?!\\s*$).+", "   "));
  CHECK_FALSE(Matches("[a-z-]+(?<!-)", "a-"));
  CHECK(Matches("[\\p{L}\\p{N}]*", "Größe1"));
  CHECK(Matches("[\\u0020-\\u00FF]+", "é"));
  CHECK_FALSE(Matches("[\\u0020-\\u00FF]+", "€"));
}

TEST_CASE("a text that is no UTF-8, or long, or made to take for ever, does not match, and ends nothing") {
  CHECK_FALSE(Matches("[\\s\\S]*", "\xff"));
  CHECK(Matches("(a|b)*", std::string(100'000, 'a')));
  CHECK_FALSE(Matches("(a+)+", std::string(60, 'a') + "b"));
}

TEST_CASE("what is no expression is refused") { CHECK(TextPattern::Compile("[a").error().code == Code::kInvalid); }

}  // namespace
}  // namespace smhost
