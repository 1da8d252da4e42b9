#include "api/form.h"

#include <catch2/catch.hpp>

#include "api/base64.h"
#include "api/xml_text.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

TEST_CASE("a form's parameters come decoded and in order") {
  const auto form = ParseForm("b=1&a=x%20y+z%3d&empty=&none&&u=%C3%A9");
  REQUIRE(form);
  CHECK(*form == FormParameters{{"b", "1"}, {"a", "x y z="}, {"empty", ""}, {"none", ""}, {"u", "é"}});
}

TEST_CASE("what no form has is refused") {
  for (const char* text : {"a=%", "a=%4", "a=%4g", "%zz=1", "a=%ff", "a=%ed%a0%80"}) CHECK(ParseForm(text).error().code == Code::kInvalid);
  std::string many;
  for (std::size_t i = 0; i <= limits::kApiQueryParameters; ++i) many += "a&";
  CHECK(ParseForm(many).error().code == Code::kTooLarge);
}

TEST_CASE("text for XML has no byte that XML has not") {
  CHECK(XmlText("a\tb\né") == "a\tb\né");
  CHECK(XmlText(std::string_view("a\0b\x1b\xff", 5)) == "a\uFFFDb\uFFFD\uFFFD");
  CHECK(XmlText("\uFFFE") == "\uFFFD");
}

TEST_CASE("base64 both ways") {
  for (const char* bytes : {"", "a", "ab", "abc", "abcd"}) CHECK(DecodeBase64(EncodeBase64(bytes)) == bytes);
  CHECK(EncodeBase64("ab") == "YWI=");
  for (const char* text : {"YWI", "YW I=", "YWJ=", "Y===", "=YWI", " YWI=", "YW==YWI="})
    CHECK_FALSE(DecodeBase64(text));
}

}  // namespace
}  // namespace smhost
