#include "resources/parameters.h"

#include <algorithm>
#include <regex>

#include "base/limits.h"
#include "resources/numbers.h"

namespace smhost {
namespace {

enum class Shape { kText, kNumber, kTextList, kNumberList, kUnknown, kElsewhere };

Shape ShapeOf(const std::string& type) {
  if (type == "String") return Shape::kText;
  if (type == "Number") return Shape::kNumber;
  if (type == "CommaDelimitedList") return Shape::kTextList;
  if (type == "List<Number>") return Shape::kNumberList;
  if (type.rfind("AWS::SSM::", 0) == 0) return Shape::kElsewhere;
  if (type.rfind("AWS::", 0) == 0) return Shape::kText;
  if (type.rfind("List<AWS::", 0) == 0) return Shape::kTextList;
  return Shape::kUnknown;
}

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> items;
  for (std::size_t start = 0; !text.empty() && start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    items.push_back(Trimmed(text.substr(start, comma - start)));
    start = comma + 1;
  }
  return items;
}

bool IsListed(const Json& allowed, const std::string& text) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const Json& value) { return ScalarText(value) == text; });
}

// Checks one parameter's value; each function adds at most one fault.
class Rules {
 public:
  Rules(const Json& declaration, std::string path, std::vector<Fault>& faults)
      : declaration_(declaration), path_(std::move(path)), faults_(faults) {}

  void CheckText(const std::string& text) {
    CheckAllowed(text);
    const std::size_t size = text.size();
    if (const auto least = Bound("MinLength"); least && size < *least)
      Add(text, "must have at least " + BoundText("MinLength") + " characters");
    if (const auto most = Bound("MaxLength"); most && size > *most)
      Add(text, "must have at most " + BoundText("MaxLength") + " characters");
    CheckPattern(text);
  }

  void CheckNumber(const std::string& text) {
    const auto number = ParseNumber(text);
    if (!number) return Add(text, "must be a number");
    CheckAllowed(text);
    const double value = number->get<double>();
    if (const auto least = Bound("MinValue"); least && value < *least)
      Add(text, "must be at least " + BoundText("MinValue"));
    if (const auto most = Bound("MaxValue"); most && value > *most)
      Add(text, "must be at most " + BoundText("MaxValue"));
  }

  void Add(const std::string& text, std::string rule) {
    const std::string own = StringOr(declaration_, "ConstraintDescription");
    faults_.push_back({path_,
                       BoolOr(declaration_, "NoEcho") ? "\"****\"" : ShortValue(text),
                       own.empty() ? std::move(rule) : rule + ": " + own,
                       {}});
  }

 private:
  std::string BoundText(const char* member) const { return ScalarText(MemberOr(declaration_, member)).value_or(""); }
  std::optional<double> Bound(const char* member) const {
    const auto number = ParseNumber(BoundText(member));
    return number ? std::optional<double>(number->get<double>()) : std::nullopt;
  }
  void CheckAllowed(const std::string& text) {
    const Json& allowed = MemberOr(declaration_, "AllowedValues");
    if (allowed.is_array() && !IsListed(allowed, text)) Add(text, "must be one of " + ShortValue(allowed));
  }
  void CheckPattern(const std::string& text) {
    const std::string pattern = StringOr(declaration_, "AllowedPattern");
    if (pattern.empty()) return;
    try {
      if (!std::regex_match(text, std::regex(pattern))) Add(text, "must match " + pattern);
    } catch (const std::regex_error&) {
      faults_.push_back({path_ + ".AllowedPattern", ShortValue(pattern), "is not a regular expression", {}});
    }
  }

  const Json& declaration_;
  const std::string path_;
  std::vector<Fault>& faults_;
};

// A default may be a number or a boolean, and is text all the same.
std::optional<std::string> TextFor(const std::string& name, const Json& declaration,
                                   const std::map<std::string, std::string>& given) {
  if (const auto it = given.find(name); it != given.end()) return it->second;
  return ScalarText(MemberOr(declaration, "Default"));
}

void CheckDeclaration(const Json& declaration, const std::string& path, std::vector<Fault>& faults) {
  static const std::vector<std::string> kKnown = {
      "Type",     "Default", "AllowedValues", "AllowedPattern",       "MinLength", "MaxLength", "MinValue",
      "MaxValue", "NoEcho",  "Description",   "ConstraintDescription"};
  for (const auto& [key, unused] : declaration.items())
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
      faults.push_back({path + "." + key, {}, "no such attribute of a parameter", {}});
}

Json ReadValue(const std::string& text, Shape shape, Rules& rules) {
  if (text.size() > limits::kParameterBytes) {
    rules.Add(text, "must have at most " + std::to_string(limits::kParameterBytes) + " bytes");
    return Json("");
  }
  if (shape == Shape::kText) rules.CheckText(text);
  if (shape == Shape::kNumber) rules.CheckNumber(text);
  if (shape == Shape::kText || shape == Shape::kNumber) return Json(text);
  Json list = Json::array();
  for (const std::string& item : SplitList(text)) {
    shape == Shape::kNumberList ? rules.CheckNumber(item) : rules.CheckText(item);
    list.push_back(item);
  }
  return list;
}

}  // namespace

std::map<std::string, Json> ReadParameters(const Json& section, const std::map<std::string, std::string>& given,
                                           std::vector<Fault>& faults) {
  std::map<std::string, Json> values;
  for (const auto& [name, declaration] : section.items()) {
    const std::string path = "Parameters." + name;
    values[name] = "";  // so that a wrong parameter is one fault, and not one more wherever it is used
    if (!declaration.is_object()) {
      faults.push_back({path, ShortValue(declaration), "must be an object", {}});
      continue;
    }
    CheckDeclaration(declaration, path, faults);
    const std::string type = StringOr(declaration, "Type");
    const Shape shape = ShapeOf(type);
    const auto text = TextFor(name, declaration, given);
    if (shape == Shape::kUnknown)
      faults.push_back({path + ".Type",
                        ShortValue(MemberOr(declaration, "Type")),
                        "must be String, Number, CommaDelimitedList, List<Number> or an AWS:: type",
                        {}});
    else if (shape == Shape::kElsewhere)
      faults.push_back(
          {path + ".Type", ShortValue(type), "cannot be read here: there is no parameter store; use String", {}});
    else if (!text)
      faults.push_back({path, {}, "has no default and no value: give --param " + name + "=VALUE", {}});
    else {
      Rules rules(declaration, path, faults);
      values[name] = ReadValue(*text, shape, rules);
    }
  }
  return values;
}

}  // namespace smhost
