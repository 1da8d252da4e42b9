#include "resources/schema_check.h"

#include <cmath>
#include <map>
#include <regex>

#include "base/limits.h"
#include "resources/nearest.h"
#include "resources/schema.h"

namespace smhost {
namespace {

constexpr std::size_t kListedValues = 8;  // more are left to `smhost explain`

std::size_t Characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

// Compiling takes longer than matching, and a schema's nodes never move.
bool Matches(const Json& node, const std::string& text) {
  const auto pattern = node.find("pattern");
  if (pattern == node.end()) return true;
  thread_local std::map<const Json*, std::regex> compiled;
  auto it = compiled.find(&*pattern);
  if (it == compiled.end()) it = compiled.emplace(&*pattern, std::regex(pattern->get_ref<const std::string&>())).first;
  return std::regex_match(text, it->second);
}

bool LengthFits(const Json& node, std::size_t length) {
  const Json& low = MemberOr(node, "minLength");
  const Json& high = MemberOr(node, "maxLength");
  return !(low.is_number() && length < low.get<std::size_t>()) &&
         !(high.is_number() && length > high.get<std::size_t>());
}

bool HasType(const Json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return true;
}

bool LooksLikeArn(const std::string& text) { return text.rfind("arn:", 0) == 0 && text.find('/') != std::string::npos; }

}  // namespace

bool SchemaCheck::Full() const { return faults_.size() >= limits::kFaultsPerDocument; }

void SchemaCheck::Add(const std::string& path, const Json* value, std::string rule) {
  if (!Full()) faults_.push_back({path, value == nullptr ? std::string() : ShortValue(*value), std::move(rule), {}});
}

void SchemaCheck::CheckNode(const Json& unresolved, const Json& value, const std::string& path,
                            const std::string& explain) {
  if (Full()) return;
  const Json& node = Resolve(root_, unresolved);
  if (!HasType(value, StringOr(node, "type"))) return Add(path, &value, "must be " + TypeInWords(node));
  if (!node.contains("type") && !node.contains("enum")) return;  // any value
  if (node.contains("enum")) return CheckEnum(node, value, path, explain);
  if (value.is_string()) return CheckString(node, value.get_ref<const std::string&>(), path);
  if (value.is_number()) return CheckNumber(node, value, path);
  if (value.is_array()) return CheckArray(node, value, path, explain);
  if (value.is_object()) return CheckObject(node, value, path, explain);
}

void SchemaCheck::CheckEnum(const Json& node, const Json& value, const std::string& path, const std::string& explain) {
  const Json& allowed = node.at("enum");
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  const auto names = allowed.get<std::vector<std::string>>();
  if (names.size() <= kListedValues) {
    std::string rule = "must be one of";
    for (const std::string& name : names) rule += (name == names.front() ? " " : ", ") + name;
    return Add(path, &value, names.size() == 1 ? "must be " + names.front() : rule);
  }
  const std::string nearest = Nearest(value.get_ref<const std::string&>(), names);
  Add(path, &value,
      "must be one of " + std::to_string(names.size()) + " values (`smhost explain " + explain + "` lists them" +
          (nearest.empty() ? ")" : "; nearest: " + nearest + ")"));
}

void SchemaCheck::CheckString(const Json& node, const std::string& value, const std::string& path) {
  // No pattern is tried on a text that is too long for it: std::regex needs stack for each character.
  const Json shown = value;
  if (!LengthFits(node, Characters(value))) return Add(path, &shown, LengthRule(node));
  if (value.find('\0') != std::string::npos)
    return Add(path, &shown, "must not hold a NUL character");  // it would end a C string
  if (Matches(node, value)) return;
  std::string rule = PatternRule(node);
  if (LooksLikeArn(value) && path.size() > 4 && path.compare(path.size() - 4, 4, "Name") == 0)
    rule += "; this is an ARN: in a template, Ref gives the ARN and Fn::GetAtt the name";
  Add(path, &shown, rule);
}

void SchemaCheck::CheckNumber(const Json& node, const Json& value, const std::string& path) {
  const double number = value.get<double>();
  const Json& low = MemberOr(node, "minimum");
  const Json& high = MemberOr(node, "maximum");
  const Json& step = MemberOr(node, "multipleOf");
  if ((low.is_number() && number < low.get<double>()) || (high.is_number() && number > high.get<double>()) ||
      (step.is_number() && std::fmod(number, step.get<double>()) != 0)) {
    const std::string rule = RangeRule(node);
    Add(path, &value, rule.empty() || number > 1e38 ? "must be a smaller number" : rule);
  }
}

void SchemaCheck::CheckArray(const Json& node, const Json& value, const std::string& path, const std::string& explain) {
  const Json& low = MemberOr(node, "minItems");
  const Json& high = MemberOr(node, "maxItems");
  if ((low.is_number() && value.size() < low.get<std::size_t>()) ||
      (high.is_number() && value.size() > high.get<std::size_t>()))
    Add(path, nullptr, ItemsRule(node) + ", has " + std::to_string(value.size()));
  const Json& items = MemberOr(node, "items");
  if (!items.is_object()) return;
  for (std::size_t i = 0; i < value.size() && !Full(); ++i)
    CheckNode(items, value[i], path + "[" + std::to_string(i) + "]", explain);
}

void SchemaCheck::CheckKey(const Json& node, const std::string& key, const std::string& path) {
  const Json& rules = MemberOr(node, "propertyNames");
  if (!rules.is_object()) return;
  const Json shown = key;
  if (!LengthFits(rules, Characters(key))) return Add(path, &shown, "each key " + LengthRule(rules));
  if (!Matches(rules, key)) Add(path, &shown, "each key " + PatternRule(rules));
}

void SchemaCheck::CheckObject(const Json& node, const Json& value, const std::string& path,
                              const std::string& explain) {
  const Json& properties = MemberOr(node, "properties");
  const Json& others = MemberOr(node, "additionalProperties");
  if (const Json& most = MemberOr(node, "maxProperties"); most.is_number() && value.size() > most.get<std::size_t>())
    Add(path, nullptr, ItemsRule(node) + ", has " + std::to_string(value.size()));
  for (const Json& name : MemberOr(node, "required"))
    if (!value.contains(name.get_ref<const std::string&>()))
      Add(path + "." + name.get<std::string>(), nullptr, "is required");
  for (const auto& [key, member] : value.items()) {
    if (Full()) return;
    CheckKey(node, key, path);
    const std::string shown_key = key.size() <= 100 ? key : ShortValue(key);
    const std::string member_path = path + "." + shown_key;
    if (const auto known = properties.find(key); known != properties.end())
      CheckNode(*known, member, member_path, explain + "." + key);
    else if (others.is_object())
      CheckNode(others, member, member_path, explain);
    else
      Add(member_path, &member, "no such property" + DidYouMean(key, PropertyNames(node)));
  }
}

}  // namespace smhost
