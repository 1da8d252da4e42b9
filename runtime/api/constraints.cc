#include "api/constraints.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "api/shape_values.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

std::string Join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

// 100000, not 1e+05.
std::string NumberText(double number) {
  char text[400];
  return std::string(text, std::to_chars(text, text + sizeof text, number, std::chars_format::fixed).ptr);
}

// As Java prints it: {key=value}, [a, b].
void AppendText(const Json& value, std::string& text) {
  if (text.size() > limits::kApiMessageValueBytes) return;
  if (value.is_string()) {
    text += value.get_ref<const std::string&>();
  } else if (value.is_array() || value.is_object()) {
    text += value.is_array() ? '[' : '{';
    const char* between = "";
    for (auto it = value.begin(); it != value.end(); ++it, between = ", ") {
      text += between;
      if (value.is_object()) text += it.key() + "=";
      AppendText(*it, text);
      if (text.size() > limits::kApiMessageValueBytes) return;
    }
    text += value.is_array() ? ']' : '}';
  } else {
    text += CompactJson(value);
  }
}

std::string Quoted(const Json& value) {
  std::string text = "'";
  AppendText(value, text);
  std::size_t cut = limits::kApiMessageValueBytes;
  if (text.size() <= cut) return text + "'";
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // not within a character
  return text.substr(0, cut) + "…'";
}

std::size_t Characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Calls visit(kept, words) for each rule of the shape; `words` is a function, for most rules are kept.
template <typename Visit>
void VisitRules(const Shape& shape, const Json& value, Visit visit) {
  const bool number = value.is_number();
  const double size = number              ? value.get<double>()
                      : value.is_string() ? static_cast<double>(Characters(value.get_ref<const std::string&>()))
                                          : static_cast<double>(value.size());
  const std::string what = number ? "Member must have value " : "Member must have length ";
  if (shape.max) visit(size <= *shape.max, [&] { return what + "less than or equal to " + NumberText(*shape.max); });
  if (shape.min) visit(size >= *shape.min, [&] { return what + "greater than or equal to " + NumberText(*shape.min); });
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  // A text that is too long already is not worth the search.
  if (shape.pattern && (!shape.max || size <= *shape.max))
    visit(shape.pattern->Matches(text), [&] { return "Member must satisfy regular expression pattern: " + shape.pattern->text(); });
  if (!shape.words.empty())
    visit(std::find(shape.words.begin(), shape.words.end(), text) != shape.words.end(),
          [&] { return "Member must satisfy enum value set: [" + Join(shape.words) + "]"; });
}

// Nothing: the value keeps the rules of its own shape. Else all of them.
std::string AllRulesIfBroken(const Shape& shape, const Json& value) {
  bool broken = false;
  VisitRules(shape, value, [&](bool kept, const auto&) { broken = broken || !kept; });
  if (!broken) return {};
  std::vector<std::string> rules;
  VisitRules(shape, value, [&](bool, const auto& words) { rules.push_back(words()); });
  return "[" + Join(rules) + "]";
}

class Checker {
 public:
  void Check(const Shape& shape, const Json& value, const std::string& path) {
    if (Full()) return;
    if (value.is_null()) return Add("null", path, "Member must not be null");
    if (shape.type != ShapeType::kDocument)
      VisitRules(shape, value, [&](bool kept, const auto& words) {
        if (!kept) Add(Quoted(value), path, words());
      });
    if (shape.type == ShapeType::kStructure) CheckMembers(shape, value, path);
    if (shape.type == ShapeType::kList) CheckElements(shape, value, path);
    if (shape.type == ShapeType::kMap) CheckEntries(shape, value, path);
  }

  std::optional<ApiError> Verdict() const {
    if (faults_.empty()) return std::nullopt;
    std::string message = std::to_string(faults_.size()) + (faults_.size() == 1 ? " validation error" : " validation errors") + " detected: ";
    for (std::size_t i = 0; i < faults_.size(); ++i) message += (i == 0 ? "" : "; ") + faults_[i];
    return ApiError{"ValidationException", message};
  }

 private:
  bool Full() const { return faults_.size() >= limits::kApiConstraintFaults; }

  void Add(const std::string& value, const std::string& path, const std::string& rule) {
    if (!Full()) faults_.push_back("Value " + value + " at '" + path + "' failed to satisfy constraint: " + rule);
  }

  void CheckMembers(const Shape& shape, const Json& value, const std::string& path) {
    for (const ShapeMember& member : shape.members) {
      auto found = value.find(member.name);
      if (found != value.end() || member.required)
        Check(*member.shape, found == value.end() ? Json() : *found, MemberPath(path, member.name));
    }
  }

  // Of plain values AWS tells the whole list once, with all the rules of its elements.
  void CheckElements(const Shape& shape, const Json& value, const std::string& path) {
    const Shape& element = *shape.element.shape;
    for (std::size_t i = 0; i < value.size() && !Full(); ++i) {
      if (!element.scalar() || value[i].is_null()) {
        Check(element, value[i], ElementPath(path, i));
      } else if (const std::string rules = AllRulesIfBroken(element, value[i]); !rules.empty()) {
        return Add(Quoted(value), path, "Member must satisfy constraint: " + rules);
      }
    }
  }

  void CheckEntries(const Shape& shape, const Json& value, const std::string& path) {
    const Shape& entry = *shape.value.shape;
    std::string key_rules, value_rules;
    for (auto it = value.begin(); it != value.end() && !Full(); ++it) {
      if (key_rules.empty()) key_rules = AllRulesIfBroken(*shape.key.shape, Json(it.key()));
      if (!entry.scalar() || it->is_null())
        Check(entry, *it, EntryPath(path, it.key()));
      else if (value_rules.empty())
        value_rules = AllRulesIfBroken(entry, *it);
    }
    if (!key_rules.empty()) Add(Quoted(value), path, "Map keys must satisfy constraint: " + key_rules);
    if (!value_rules.empty()) Add(Quoted(value), path, "Map value must satisfy constraint: " + value_rules);
  }

  std::vector<std::string> faults_;
};

}  // namespace

std::optional<ApiError> CheckConstraints(const Shape& shape, const Json& input) {
  Checker checker;
  checker.Check(shape, input, "");
  return checker.Verdict();
}

}  // namespace smhost
