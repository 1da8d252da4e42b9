#include "resources/yaml.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/limits_api.h"

using namespace smhost;

namespace {

Json Parsed(const std::string& text) {
  const auto parsed = ParseYaml(text, "t.yaml", limits::kDocumentBytes);
  INFO((parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

std::string Refusal(const std::string& text, std::size_t most = limits::kDocumentBytes) {
  const auto parsed = ParseYaml(text, "t.yaml", most);
  REQUIRE_FALSE(parsed);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("short tags become the functions they stand for") {
  CHECK(Parsed("a: !Ref Model") == Json::parse(R"({"a": {"Ref": "Model"}})"));
  CHECK(Parsed("a: !GetAtt Config.EndpointConfigName") == Json::parse(R"({"a": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}})"));
  CHECK(Parsed("a: !GetAtt [Config, EndpointConfigName]") == Json::parse(R"({"a": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}})"));
  CHECK(Parsed("a: !Sub '${AWS::StackName}-x'") == Json::parse(R"({"a": {"Fn::Sub": "${AWS::StackName}-x"}})"));
  CHECK(Parsed("a: !If [Big, !Ref Many, !Join ['-', [a, !Select [0, [b]]]]]") ==
        Json::parse(R"({"a": {"Fn::If": ["Big", {"Ref": "Many"}, {"Fn::Join": ["-", ["a", {"Fn::Select": [0, ["b"]]}]]}]}})"));
  CHECK(Parsed("a: !Not [!Condition Big]") == Json::parse(R"({"a": {"Fn::Not": [{"Condition": "Big"}]}})"));
}

TEST_CASE("plain scalars get the types that JSON has, and quoted ones stay texts") {
  CHECK(Parsed("[1, -2, 1.5, true, False, null, ~, yes, '1', \"true\", 2010-09-09, 000000000000, 0, 0.5, .inf, 1e3, 123456789012]") ==
        Json::parse(R"([1, -2, 1.5, true, false, null, null, "yes", "1", "true", "2010-09-09", "000000000000", 0, 0.5, ".inf", 1000.0, 123456789012])"));
  CHECK(Parsed("[!!str 1, !!int 1]") == Json::parse(R"(["1", 1])"));
  CHECK(Parsed("a:\nb: |\n  two\n  lines\n") == Json::parse(R"({"a": null, "b": "two\nlines\n"})"));
}

TEST_CASE("what JSON cannot say is refused, with its place") {
  CHECK_THAT(Refusal("a: 1\na: 2"), Catch::StartsWith("t.yaml: YAML (line 2, column 1): ") && Catch::Contains("twice"));
  CHECK_THAT(Refusal("a: !Dance x"), Catch::Contains("!Dance"));
  CHECK_THAT(Refusal("a: !!python/object:os.system x"), Catch::Contains("tag"));
  CHECK_THAT(Refusal("a: [1, 2"), Catch::Contains("YAML"));
  CHECK_THAT(Refusal("base: &b {x: 1}\nother:\n  <<: *b"), Catch::Contains("merge keys"));
  CHECK_THAT(Refusal("? [a, b]\n: 1"), Catch::Contains("key"));
  CHECK_THAT(Refusal("--- 1\n--- 2"), Catch::Contains("one document"));
  CHECK_THAT(Refusal("a: !GetAtt Config"), Catch::Contains("attribute"));
  CHECK_THAT(Refusal("a: 1", 3), Catch::Contains("larger than"));
  CHECK_THAT(Refusal(std::string("a: \0", 4)), Catch::Contains("NUL"));
}

TEST_CASE("aliases and depth are bounded") {
  CHECK(Parsed("a: &x {k: 1}\nb: *x") == Json::parse(R"({"a": {"k": 1}, "b": {"k": 1}})"));
  std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string from = "*l" + std::to_string(i - 1);
    bomb += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [" + from;
    for (int k = 0; k < 9; ++k) bomb += ", " + from;
    bomb += "]\n";
  }
  CHECK_THAT(Refusal(bomb), Catch::Contains("more than " + std::to_string(limits::kYamlNodes)));
  CHECK_THAT(Refusal(std::string(100, '[') + std::string(100, ']')), Catch::Contains("levels deep"));
  CHECK_FALSE(ParseYaml(std::string(100'000, '['), "t.yaml", limits::kDocumentBytes));
  CHECK_FALSE(ParseYaml("a: &a [*a]", "t.yaml", limits::kDocumentBytes));
}

TEST_CASE("a template is JSON where it begins as such, else YAML") {
  CHECK(ParseTemplate(" {\"a\": 1}", "t", 100).value() == Json::parse(R"({"a": 1})"));
  CHECK(ParseTemplate("a: 1", "t", 100).value() == Json::parse(R"({"a": 1})"));
  CHECK_FALSE(ParseTemplate("{a: 1}", "t", 100));
}
