#include "resources/name.h"

#include <catch2/catch.hpp>

#include "documents.h"
#include "resources/validate.h"

using namespace smhost;

TEST_CASE("names of letters, digits and inner hyphens up to 63 characters are taken") {
  for (const std::string& name :
       {std::string("a"), std::string("A9"), std::string("my-model"), std::string("a--b"), std::string(63, 'x')}) {
    CHECK(IsName(name));
    CHECK(ValidateName(Kind::kEndpoint, name));
  }
}

// Names become file names and parts of addresses: nothing that a file system, a shell or a terminal reads otherwise
// passes.
TEST_CASE("hostile names are refused by the name check and by the documents of every kind") {
  using namespace std::string_literals;
  const std::vector<std::string> hostile = {""s,
                                            "."s,
                                            ".."s,
                                            "../x"s,
                                            "a/../b"s,
                                            "a/b"s,
                                            "/etc/passwd"s,
                                            "a\\b"s,
                                            "-a"s,
                                            "a-"s,
                                            "-"s,
                                            "--help"s,
                                            "a b"s,
                                            " a"s,
                                            "a "s,
                                            "a\n"s,
                                            "\na"s,
                                            "a\tb"s,
                                            "a\0b"s,
                                            "\0"s,
                                            "a.json"s,
                                            ".hidden"s,
                                            "~"s,
                                            "$HOME"s,
                                            "$(id)"s,
                                            "`id`"s,
                                            "a;b"s,
                                            "a|b"s,
                                            "a&b"s,
                                            "a*"s,
                                            "a?b"s,
                                            "a%2fb"s,
                                            "%00"s,
                                            "a:b"s,
                                            "a'b"s,
                                            "a\"b"s,
                                            "<a>"s,
                                            "{a}"s,
                                            "a_b"s,
                                            "a,b"s,
                                            "a=b"s,
                                            "é"s,
                                            "ａ"s,
                                            "a\u202e b"s,
                                            "a\u200b"s,
                                            "😀"s,
                                            "\xff\xfe"s,
                                            "\xc0\xaf"s,
                                            "\x1b[31m"s,
                                            "\x7f"s,
                                            "COM1:"s,
                                            "a\r\nX-Header: 1"s,
                                            std::string(64, 'a'),
                                            std::string(10 * 1024, 'a'),
                                            std::string(100'000, '-'),
                                            "a"s + std::string(100'000, '-') + "a"s,
                                            std::string(1 << 20, '/')};
  for (const std::string& name : hostile) {
    INFO("name " << ShortValue(name));
    CHECK_FALSE(IsName(name));
    const Status status = ValidateName(Kind::kModel, name);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == Code::kInvalid);
    CHECK(status.error().message.size() < 300);
    for (const KindInfo& info : Kinds()) {
      Json properties = PropertiesOf(info.kind);
      properties[info.name_property] = name;
      const auto faults = Validate(DocumentOf(info.kind, properties));
      CHECK_FALSE(RuleAt(faults, std::string("Properties.") + info.name_property).empty());
    }
  }
}

TEST_CASE("a document whose properties leave the name out is checked all the same") {
  Document document{Kind::kEndpoint, "../x", Json{{"EndpointConfigName", "c"}}};
  CHECK_THAT(RuleAt(Validate(document), "Properties.EndpointName"), Catch::Contains("1 to 63 characters"));
  document.name = "fine";
  CHECK(Validate(document).empty());
  document.name = "";
  CHECK(RuleAt(Validate(document), "Properties.EndpointName") == "is required");
}

TEST_CASE("a document whose properties say another name is refused") {
  Document document{Kind::kEndpoint, "a", EndpointProperties()};
  CHECK_THAT(RuleAt(Validate(document), "Properties.EndpointName"), Catch::Contains("not the document's name \"a\""));
}
