#include "base/json.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

using namespace smhost;
using namespace std::string_literals;

namespace {
Result<Json> Parse(const std::string& text) { return ParseJson(text, "file.json", 1 << 20); }
std::string Nested(int levels, char open, char close) { return std::string(levels, open) + std::string(levels, close); }
}  // namespace

TEST_CASE("what RFC 8259 allows is parsed") {
  const std::vector<std::string> good = {"null"s,
                                         "true"s,
                                         "0"s,
                                         "-0"s,
                                         "1E22"s,
                                         "1e-2"s,
                                         "0.5e+3"s,
                                         "-123.456e78"s,
                                         "123456789012345678901234567890"s,
                                         "\"\""s,
                                         "[]"s,
                                         "{}"s,
                                         " [ ] "s,
                                         "\t\r\n{}\n"s,
                                         "[1,[2,[3]]]"s,
                                         R"({"a":{"b":[]}})"s,
                                         R"("\u0060\u012a\u12AB")"s,
                                         R"("\uD801\udc37")"s,
                                         R"("\"\\\/\b\f\n\r\t")"s,
                                         "\"\xe2\x82\xac\xf0\x9d\x84\x9e\""s,
                                         "\"\x7f\""s,
                                         R"("\u0000")"s,
                                         R"({"":0})"s,
                                         R"({"a\u0000b":1})"s,
                                         R"(["\uFFFF"])"s,
                                         "\"\xef\xbf\xbf\""s,
                                         "[-1e-9999]"s,
                                         Nested(limits::kJsonDepth, '[', ']')};
  for (const std::string& text : good) {
    INFO(text);
    CHECK(Parse(text));
  }
}

TEST_CASE("what RFC 8259 does not allow is refused with the file's name") {
  const std::vector<std::string> bad = {""s,
                                        " "s,
                                        "["s,
                                        "]"s,
                                        "{"s,
                                        "[1,]"s,
                                        "[,1]"s,
                                        "[1 2]"s,
                                        "[1,,2]"s,
                                        "{\"a\"}"s,
                                        "{\"a\":}"s,
                                        "{\"a\":1,}"s,
                                        "{a:1}"s,
                                        "{'a':1}"s,
                                        "{1:1}"s,
                                        "[\"a\""s,
                                        "\"a"s,
                                        "[a"s,
                                        "nul"s,
                                        "True"s,
                                        "NaN"s,
                                        "Infinity"s,
                                        "-Infinity"s,
                                        "[-NaN]"s,
                                        "01"s,
                                        "-01"s,
                                        "+1"s,
                                        "1."s,
                                        ".5"s,
                                        "-"s,
                                        "1e"s,
                                        "1e+"s,
                                        "0x1"s,
                                        "1eE2"s,
                                        "[1]x"s,
                                        "{}{}"s,
                                        "[][]"s,
                                        "1 2"s,
                                        "// c\n1"s,
                                        "/* c */1"s,
                                        "[1] # c"s,
                                        "\"\t\""s,
                                        "\"\n\""s,
                                        "\"\x01\""s,
                                        R"("\x41")"s,
                                        R"("\u12")"s,
                                        R"("\u12G4")"s,
                                        R"("\uD800")"s,
                                        R"("\uDC00")"s,
                                        R"("\uD800\u0041")"s,
                                        R"("\")"s,
                                        "\"\xff\""s,
                                        "\"\xc0\xaf\""s,
                                        "\"\xed\xa0\x80\""s,
                                        "\"\xf4\x90\x80\x80\""s,
                                        "\"\xe2\x82\""s,
                                        "\xff\xfe{\0}\0"s,
                                        "[\xef\xbb\xbf 1]"s,
                                        "1e400"s,
                                        "\x00"s,
                                        "[1]\0"s,
                                        "[1]\0x"s,
                                        "\"a\0b\""s,
                                        "[\"a\"\0]"s};
  for (const std::string& text : bad) {
    INFO(CompactJson(text));
    const auto value = Parse(text);
    REQUIRE_FALSE(value);
    CHECK(value.error().code == Code::kInvalid);
    CHECK_THAT(value.error().message, Catch::StartsWith("file.json: not valid JSON: "));
    CHECK(value.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a key that stands twice is refused at every level") {
  CHECK_THAT(Parse(R"({"a":1,"a":1})").error().message, Catch::Contains("the key \"a\" stands twice"));
  CHECK_FALSE(Parse(R"([{"x":{"b":1,"c":2,"b":3}}])"));
  CHECK_FALSE(Parse(R"({"c":1,"b":[{"c":{}}],"a":2,"b":3})"));
  CHECK_FALSE(Parse(R"({"a":1,"\u0061":2})"));
  CHECK(Parse(R"({"a":{"a":1},"b":{"a":1}})"));
  CHECK(Parse(R"({"a":1,"A":2})"));
}

TEST_CASE("depth and size have their limits") {
  CHECK_FALSE(Parse(Nested(limits::kJsonDepth + 1, '[', ']')));
  CHECK_FALSE(Parse(std::string(500'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_THAT(Parse(objects).error().message, Catch::Contains("levels deep"));
  CHECK(ParseJson("[1]", "f", 3));
  CHECK(ParseJson("[1] ", "f", 3).error().code == Code::kTooLarge);
}

TEST_CASE("an error tells line and column") {
  CHECK_THAT(Parse("{\n  \"a\": ?\n}").error().message, Catch::Contains("line 2, column 8"));
  CHECK_THAT(Parse("[1,\n2\n,]").error().message, Catch::Contains("line 3, column 2"));
  CHECK_THAT(Parse("ab\0"s).error().message, Catch::Contains("line 1, column 3"));
}

TEST_CASE("what is written is read back the same") {
  const Json value = Json::parse(R"({"b":[1,-2,0.1,1e300,true,null,"ä\u0001\"\\"],"a":{"":18446744073709551615}})");
  CHECK(*Parse(CompactJson(value)) == value);
  CHECK(*Parse(PrettyJson(value)) == value);
  CHECK(PrettyJson(value).back() == '\n');
  CHECK(CompactJson(value).find('\n') == std::string::npos);
}

TEST_CASE("values of every kind are read into the place they stand at") {
  const std::string text = R"({"z":[[],{},[{"b":-1,"a":[1,2.5,"x"]},true]],"a":{"y":{"q":null},"x":false},"m":""})";
  CHECK(*Parse(text) == Json::parse(text));
}

TEST_CASE("bytes that are no UTF-8 are replaced when written") { CHECK(CompactJson("a\xff") == "\"a\xef\xbf\xbd\""); }

TEST_CASE("a member of the wrong type is its default") {
  const Json object = Json::parse(R"({"s":"x","i":5,"d":0.5,"b":true,"n":null})");
  CHECK(StringOr(object, "s") == "x");
  CHECK(StringOr(object, "i", "y") == "y");
  CHECK(IntOr(object, "i") == 5);
  CHECK(IntOr(object, "s", 7) == 7);
  CHECK(DoubleOr(object, "d") == 0.5);
  CHECK(DoubleOr(object, "b", 2.5) == 2.5);
  CHECK(BoolOr(object, "b"));
  CHECK(BoolOr(object, "n", true));
  CHECK(MemberOr(object, "none").is_null());
  CHECK(StringOr(Json(5), "s", "z") == "z");
}
