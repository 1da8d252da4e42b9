#include "resources/schema.h"

#include <array>
#include <cmath>

#include "base/check.h"
#include "embedded_schemas.h"

namespace smhost {
namespace {

constexpr double kNoBound = 1e38;  // a maximum above it is only that of the number's type

std::string NumberText(const Json& number) {
  const double value = number.get<double>();
  return value == std::floor(value) && std::abs(value) < 1e15 ? std::to_string(static_cast<std::int64_t>(value))
                                                              : number.dump();
}

// "must have between 1 and 5 items", for whichever bounds are there.
std::string Bounds(const Json& low, const Json& high, const std::string& verb, const std::string& unit) {
  const bool has_low = low.is_number(), has_high = high.is_number() && high.get<double>() < kNoBound;
  if (!has_low && !has_high) return {};
  const std::string noun = unit.empty() ? "" : " " + unit;
  if (has_low && has_high) return verb + " between " + NumberText(low) + " and " + NumberText(high) + noun;
  const std::string count = NumberText(has_low ? low : high);
  const std::string ending = count == "1" && !unit.empty() ? noun.substr(0, noun.size() - 1) : noun;
  return verb + (has_low ? " at least " : " at most ") + count + ending;
}

Json ParseSchema(std::string_view text) {
  Json schema = Json::parse(text, nullptr, false);
  SMHOST_CHECK(schema.is_object());
  return schema;
}

}  // namespace

std::string_view SchemaText(Kind kind) {
  switch (kind) {
    case Kind::kModel:
      return embedded::kModel;
    case Kind::kEndpointConfig:
      return embedded::kEndpointConfig;
    case Kind::kEndpoint:
      return embedded::kEndpoint;
    case Kind::kAlarm:
      return embedded::kAlarm;
    case Kind::kGoldenSet:
      return embedded::kGoldenSet;
    case Kind::kPublicRoute:
      return embedded::kPublicRoute;
  }
  return {};
}

const Json& SchemaOf(Kind kind) {
  switch (kind) {
    case Kind::kModel: {
      static const Json kSchema = ParseSchema(embedded::kModel);
      return kSchema;
    }
    case Kind::kEndpointConfig: {
      static const Json kSchema = ParseSchema(embedded::kEndpointConfig);
      return kSchema;
    }
    case Kind::kAlarm: {
      static const Json kSchema = ParseSchema(embedded::kAlarm);
      return kSchema;
    }
    case Kind::kGoldenSet: {
      static const Json kSchema = ParseSchema(embedded::kGoldenSet);
      return kSchema;
    }
    case Kind::kPublicRoute: {
      static const Json kSchema = ParseSchema(embedded::kPublicRoute);
      return kSchema;
    }
    case Kind::kEndpoint:
      break;
  }
  static const Json kSchema = ParseSchema(embedded::kEndpoint);
  return kSchema;
}

const Json& Resolve(const Json& root, const Json& node) {
  const auto reference = node.find("$ref");
  if (reference == node.end()) return node;
  static constexpr std::string_view kPrefix = "#/definitions/";
  const std::string& target = reference->get_ref<const std::string&>();
  SMHOST_CHECK(target.rfind(kPrefix, 0) == 0);
  return root.at("definitions").at(target.substr(kPrefix.size()));
}

std::vector<std::string> PropertyNames(const Json& node) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : MemberOr(node, "properties").items()) names.push_back(name);
  return names;
}

std::string LengthRule(const Json& node) {
  return Bounds(MemberOr(node, "minLength"), MemberOr(node, "maxLength"), "must have", "characters");
}

std::string ItemsRule(const Json& node) {
  if (StringOr(node, "type") == "object")
    return Bounds(Json(), MemberOr(node, "maxProperties"), "must have", "entries");
  return Bounds(MemberOr(node, "minItems"), MemberOr(node, "maxItems"), "must have", "items");
}

std::string RangeRule(const Json& node) {
  std::string rule = Bounds(MemberOr(node, "minimum"), MemberOr(node, "maximum"), "must be", "");
  if (const Json& step = MemberOr(node, "multipleOf"); step.is_number())
    rule += (rule.empty() ? "must be" : " and") + std::string(" a multiple of ") + NumberText(step);
  return rule;
}

std::string PatternRule(const Json& node) {
  std::string pattern = StringOr(node, "pattern");
  if (pattern.empty()) return {};
  if (pattern.front() == '^') pattern.erase(0, 1);
  if (!pattern.empty() && pattern.back() == '$') pattern.pop_back();
  return "must match " + pattern;
}

std::string TypeInWords(const Json& node) {
  static constexpr std::array<std::pair<const char*, const char*>, 6> kWords = {{{"string", "a string"},
                                                                                 {"integer", "an integer"},
                                                                                 {"number", "a number"},
                                                                                 {"boolean", "true or false"},
                                                                                 {"array", "a list"},
                                                                                 {"object", "an object"}}};
  const std::string type = StringOr(node, "type");
  for (const auto& [word, phrase] : kWords)
    if (type == word) return phrase;
  return "any value";
}

std::vector<std::string> RulesOf(const Json& node) {
  std::vector<std::string> rules = {"must be " + TypeInWords(node)};
  for (std::string rule : {LengthRule(node), ItemsRule(node), RangeRule(node), PatternRule(node)})
    if (!rule.empty()) rules.push_back(std::move(rule));
  if (const Json& keys = MemberOr(node, "propertyNames"); keys.is_object())
    for (std::string rule : {LengthRule(keys), PatternRule(keys)})
      if (!rule.empty()) rules.push_back("each key " + rule);
  if (const Json& values = MemberOr(node, "additionalProperties"); values.is_object())
    for (const std::string& rule : RulesOf(values)) rules.push_back("each value " + rule);
  return rules;
}

}  // namespace smhost
