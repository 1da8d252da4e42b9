#include "resources/numbers.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("a text that is a JSON number as a whole is a number") {
  CHECK(ParseNumber("12") == Json(12));
  CHECK(ParseNumber("-0.5") == Json(-0.5));
  CHECK(ParseNumber("1e3") == Json(1000.0));
  CHECK(ParseNumber("12")->is_number_integer());
}

TEST_CASE("other texts are none") {
  for (const std::string& text :
       {std::string(""), std::string(" 1"), std::string("1 "), std::string("01"), std::string("+1"), std::string("1."),
        std::string("0x1"), std::string("NaN"), std::string("1e999"), std::string("1,2"), std::string(200, '9')})
    CHECK_FALSE(ParseNumber(text));
}

TEST_CASE("scalars have a text, other values none") {
  CHECK(ScalarText("a") == "a");
  CHECK(ScalarText(5) == "5");
  CHECK(ScalarText(0.9) == "0.9");
  CHECK(ScalarText(true) == "true");
  for (const char* text : {"null", "[]", "{}"}) CHECK_FALSE(ScalarText(Json::parse(text)));
}
