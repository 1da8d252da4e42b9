#include "resources/schema.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>

using namespace smhost;

namespace {
// Calls back for each schema node of a schema, its place named.
void EachNode(const Json& node, const std::string& place,
              const std::function<void(const Json&, const std::string&)>& visit) {
  visit(node, place);
  for (const char* map : {"properties", "definitions"})
    for (const auto& [name, child] : MemberOr(node, map).items()) EachNode(child, place + "/" + name, visit);
  for (const char* member : {"items", "additionalProperties", "propertyNames"})
    if (node.contains(member) && node.at(member).is_object()) EachNode(node.at(member), place + "/" + member, visit);
}
}  // namespace

TEST_CASE("the embedded schemas are JSON Schema draft 7 of their types") {
  for (const KindInfo& info : Kinds()) {
    const Json& schema = SchemaOf(info.kind);
    CHECK(schema.at("title") == info.type);
    CHECK(schema.at("$schema") == "http://json-schema.org/draft-07/schema#");
    CHECK(schema.at("properties").contains(info.name_property));
    CHECK(schema.at("properties").contains("Tags"));
    CHECK(ParseJson(SchemaText(info.kind), "schema", 1 << 20));
  }
}

// A keyword that the checker does not know would be passed over in silence.
TEST_CASE("the schemas use no keyword that the checker does not know") {
  const std::set<std::string> known = {"$schema",
                                       "$id",
                                       "$ref",
                                       "title",
                                       "description",
                                       "definitions",
                                       "type",
                                       "enum",
                                       "properties",
                                       "required",
                                       "additionalProperties",
                                       "propertyNames",
                                       "maxProperties",
                                       "items",
                                       "minItems",
                                       "maxItems",
                                       "minLength",
                                       "maxLength",
                                       "pattern",
                                       "minimum",
                                       "maximum",
                                       "multipleOf"};
  for (const KindInfo& info : Kinds())
    EachNode(SchemaOf(info.kind), info.word, [&](const Json& node, const std::string& place) {
      for (const auto& [key, unused] : node.items()) {
        INFO(place << " " << key);
        CHECK(known.contains(key));
      }
    });
}

TEST_CASE("every property is described and every object refuses what it does not know") {
  for (const KindInfo& info : Kinds())
    EachNode(SchemaOf(info.kind), info.word, [&](const Json& node, const std::string& place) {
      INFO(place);
      for (const auto& [name, property] : MemberOr(node, "properties").items()) {
        INFO(name);
        CHECK(StringOr(property, "description").size() > 5);
      }
      if (StringOr(node, "type") == "object") CHECK(node.contains("additionalProperties"));
      for (const Json& name : MemberOr(node, "required"))
        CHECK(node.at("properties").contains(name.get<std::string>()));
    });
}

// std::regex takes stack for each character: a text without a bound would end the program.
TEST_CASE("every pattern stands beside a maximum length") {
  for (const KindInfo& info : Kinds())
    EachNode(SchemaOf(info.kind), info.word, [&](const Json& node, const std::string& place) {
      INFO(place);
      if (node.contains("pattern")) CHECK(node.contains("maxLength"));
    });
}

TEST_CASE("there are AWS's 277 instance types") {
  const Json& types = SchemaOf(Kind::kEndpointConfig).at("definitions").at("InstanceType").at("enum");
  CHECK(types.size() == 277);
  CHECK(std::set<Json>(types.begin(), types.end()).size() == 277);
}

TEST_CASE("rules are told in words") {
  const auto rules = [](const char* node) { return RulesOf(Json::parse(node)); };
  using Words = std::vector<std::string>;
  CHECK(rules(R"({"type":"integer","minimum":1,"maximum":512})") ==
        Words{"must be an integer", "must be between 1 and 512"});
  CHECK(rules(R"({"type":"number","minimum":0})") == Words{"must be a number", "must be at least 0"});
  CHECK(rules(R"({"type":"string","maxLength":63,"pattern":"^a+$"})") ==
        Words{"must be a string", "must have at most 63 characters", "must match a+"});
  CHECK(rules(R"({"type":"string","minLength":1})") == Words{"must be a string", "must have at least 1 character"});
  CHECK(rules(R"({"type":"array","minItems":1,"maxItems":10})") ==
        Words{"must be a list", "must have between 1 and 10 items"});
  CHECK(rules(R"({"type":"integer","minimum":1024,"multipleOf":1024})") ==
        Words{"must be an integer", "must be at least 1024 and a multiple of 1024"});
}
