#include "jsonpath.h"

#include <catch2/catch.hpp>

namespace smhost::cli {
namespace {

const Json kEndpoint = {
    {"EndpointName", "vad"},
    {"Weight", 0.5},
    {"Variants", {{{"Name", "a"}, {"Count", 1}}, {{"Name", "b"}, {"Count", 2}}, {{"Name", "c"}, {"Count", 3}}}},
    {"odd.key", true}};
const Json kList = Json::array({{{"Name", "x"}}, {{"Name", "y"}}});

std::string Text(const std::string& pattern, const Json& value = kEndpoint) {
  auto text = EvaluateJsonPath(pattern, value);
  return text ? *text : "error: " + text.error().message;
}

TEST_CASE("a path gives the member, strings without quotes and other values as JSON") {
  CHECK(Text("{.EndpointName}") == "vad");
  CHECK(Text("{.Weight}") == "0.5");
  CHECK(Text("{.Variants[0]}") == R"({"Count":1,"Name":"a"})");
  CHECK(Text("{['odd.key']}") == "true");
}

TEST_CASE("a path may stand without braces and may begin with $ or @") {
  CHECK(Text(".EndpointName") == "vad");
  CHECK(Text("EndpointName") == "vad");
  CHECK(Text("{$.EndpointName}{@.EndpointName}") == "vadvad");
}

TEST_CASE("indices count from the end when negative, and slices leave their end out") {
  CHECK(Text("{.Variants[-1].Name}") == "c");
  CHECK(Text("{.Variants[0:2].Name}") == "a b");
  CHECK(Text("{.Variants[1:].Name}") == "b c");
  CHECK(Text("{.Variants[*].Name}") == "a b c");
  CHECK(Text("{.Variants[7].Name}") == "");
}

TEST_CASE("what is not there gives nothing") {
  CHECK(Text("{.FailureReason}") == "");
  CHECK(Text("<{.EndpointName.deeper}>") == "<>");
}

TEST_CASE("text around the paths stays, with its escapes") {
  CHECK(Text("name={.EndpointName}{\"\\n\"}") == "name=vad\n");
  CHECK(Text("{.EndpointName}\\t{.Weight}") == "vad\t0.5");
}

TEST_CASE("range repeats its body for each element") {
  CHECK(Text("{range .Variants[*]}{.Name}={.Count};{end}") == "a=1;b=2;c=3;");
  CHECK(Text("{range [*]}{.Name}{end}", kList) == "xy");
}

TEST_CASE("on a list .items means the list itself") { CHECK(Text("{.items[*].Name}", kList) == "x y"); }

TEST_CASE("a pattern that cannot be read is refused with its place") {
  for (const char* pattern : {"{.a", "{.a[x]}", "{.a[}", "{range .a}{.b}", "{end}", "{\"open}", "{..a}", "{.a b}"}) {
    INFO(pattern);
    auto text = EvaluateJsonPath(pattern, kEndpoint);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == Code::kInvalid);
    CHECK(text.error().message.find("at character") != std::string::npos);
  }
}

}  // namespace
}  // namespace smhost::cli
