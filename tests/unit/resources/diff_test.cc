#include "resources/diff.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {
std::vector<PropertyChange> DiffOf(const char* from, const char* to) {
  return Diff(Json::parse(from), Json::parse(to));
}
}  // namespace

TEST_CASE("equal properties differ in nothing") {
  CHECK(DiffOf(R"({"a": [1, {"b": 2}]})", R"({"a": [1, {"b": 2}]})").empty());
  CHECK(DiffOf(R"({"a": 1})", R"({"a": 1.0})").empty());
}

TEST_CASE("a change is named by its path with both values") {
  CHECK(DiffOf(R"({"V": [{"W": 1, "N": "x"}]})", R"({"V": [{"W": 2, "N": "x"}]})") ==
        std::vector<PropertyChange>{{"V[0].W", 1, 2}});
  CHECK(DiffOf(R"({"a": {"b": 1}})", R"({"a": [1]})") == std::vector<PropertyChange>{{"a", Json{{"b", 1}}, Json{1}}});
}

TEST_CASE("what is added and removed is told apart") {
  CHECK(DiffOf(R"({"a": 1})", R"({"b": null})") ==
        std::vector<PropertyChange>{{"a", 1, std::nullopt}, {"b", std::nullopt, nullptr}});
  CHECK(DiffOf(R"({"a": [1, 2]})", R"({"a": [1]})") == std::vector<PropertyChange>{{"a[1]", 2, std::nullopt}});
  CHECK(DiffOf(R"({"a": [1]})", R"({"a": [1, 2]})") == std::vector<PropertyChange>{{"a[1]", std::nullopt, 2}});
}

TEST_CASE("the order of tags has no meaning") {
  CHECK(DiffOf(R"({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]})",
               R"({"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]})")
            .empty());
  CHECK(DiffOf(R"({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]})",
               R"({"Tags": [{"Key": "c", "Value": "3"}, {"Key": "a", "Value": "9"}]})") ==
        std::vector<PropertyChange>{
            {"Tags[a]", "1", "9"}, {"Tags[b]", "2", std::nullopt}, {"Tags[c]", std::nullopt, "3"}});
}
