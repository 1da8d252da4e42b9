#include "base/text.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

TEST_CASE("letters of ASCII alone change their case") {
  CHECK(LowerCase("AZaz@[`{-\xc3\x84") == "azaz@[`{-\xc3\x84");
  CHECK(UpperCase("AZaz@[`{-\xc3\xa4") == "AZAZ@[`{-\xc3\xa4");
}

TEST_CASE("a hexadecimal digit of either case has its value, any other character none") {
  const std::string digits = "0123456789abcdef";
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const auto at = digits.find(LowerCase(byte));
    CHECK(HexDigit(byte) == (at == digits.npos ? -1 : static_cast<int>(at)));
  }
}

TEST_CASE("percent signs stand before two hexadecimal digits") {
  CHECK(PercentDecoded("") == "");
  CHECK(PercentDecoded("a%2Fb%2f+%25") == "a/b/+%");
  CHECK(PercentDecoded("%00%ff") == std::string("\0\xff", 2));
  for (const char* bad : {"%", "a%2", "%g0", "%0g", "% 1", "%%41", "50%"}) CHECK_FALSE(PercentDecoded(bad));
}

TEST_CASE("a whole number is all of the text") {
  CHECK(WholeNumber<int>("-12") == -12);
  CHECK(WholeNumber<unsigned>("12") == 12u);
  for (const char* bad : {"", " 1", "1 ", "+1", "1.0", "0x1", "99999999999999999999"}) CHECK_FALSE(WholeNumber<int>(bad));
}

}  // namespace
}  // namespace smhost
