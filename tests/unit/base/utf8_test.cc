#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <string>

namespace smhost {
namespace {

TEST_CASE("UTF-8 is known from what looks like it") {
  for (std::string text : {"", "a", "ü", "…", "\xf0\x9f\x90\x9f", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(IsUtf8(text));
  // Overlong forms, surrogates, past U+10FFFF, cut short, bytes that never occur.
  for (std::string text : {"\xc0\xaf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xe2\x80", "\x80", "\xff", "\xfe", "a\xc3", "\xc3(", "\xf8\x88\x80\x80\x80"})
    CHECK_FALSE(IsUtf8(text));
}

}  // namespace
}  // namespace smhost
