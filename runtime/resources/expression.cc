#include "resources/expression.h"

#include <algorithm>

#include "base/limits.h"
#include "resources/nearest.h"
#include "resources/numbers.h"

namespace smhost {
namespace {

const std::vector<std::string>& Functions() {
  static const std::vector<std::string> kAll = {"Ref",        "Fn::GetAtt", "Fn::Sub", "Fn::Join",
                                                "Fn::Select", "Fn::Split",  "Fn::If",  "Fn::FindInMap"};
  return kAll;
}

bool IsFunction(const std::string& key) { return key == "Ref" || key.rfind("Fn::", 0) == 0; }

std::size_t Bytes(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  std::size_t bytes = sizeof(Json);
  if (value.is_structured())
    for (const Json& member : value) bytes += Bytes(member);
  return bytes;
}

std::string Item(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

}  // namespace

Json Expressions::Wrong(const std::string& path, const Json& value, std::string rule) {
  if (faults_.size() < limits::kFaultsPerDocument)
    faults_.push_back({path, value.is_null() ? std::string() : ShortValue(value), std::move(rule), {}});
  return Json();
}

// A null stands for what has its fault already, unless somebody wrote a null.
bool Expressions::IsBroken(const Json& value) const { return value.is_null() && !faults_.empty(); }

// A small file can ask for much text; what functions make is bounded.
Json Expressions::Made(Json value, const std::string& path) {
  produced_.insert(path);
  produced_bytes_ += Bytes(value);
  if (produced_bytes_ <= limits::kTemplateExpandedBytes) return value;
  return Wrong(
      path, Json(),
      "the functions of this file make more than " + std::to_string(limits::kTemplateExpandedBytes) + " bytes");
}

bool Expressions::HasItems(const Json& argument, std::size_t least, std::size_t most, const char* form,
                           const std::string& path) {
  if (argument.is_array() && argument.size() >= least && argument.size() <= most) return true;
  Wrong(path, argument, std::string("must be ") + form);
  return false;
}

std::optional<Json> Expressions::Expand(const Json& value, const std::string& path) {
  if (value.is_object()) return ExpandObject(value, path);
  if (!value.is_array()) return value;
  Json items = Json::array();
  for (std::size_t i = 0; i < value.size(); ++i)
    // An item that is AWS::NoValue moves those behind it up, so their new places are named.
    if (auto item = Expand(value[i], Item(path, items.size()))) items.push_back(std::move(*item));
  return items;
}

std::optional<Json> Expressions::ExpandObject(const Json& value, const std::string& path) {
  for (const auto& [key, argument] : value.items()) {
    if (!IsFunction(key)) continue;
    if (value.size() == 1) return Call(key, argument, path);
    return Wrong(path, value, key + " must be the only member of its object");
  }
  Json object = Json::object();
  for (const auto& [key, member] : value.items())
    if (auto expanded = Expand(member, path + "." + key)) object[key] = std::move(*expanded);
  return object;
}

std::optional<Json> Expressions::Call(const std::string& function, const Json& argument, const std::string& path) {
  if (function == "Ref") return Ref(argument, path);
  if (function == "Fn::GetAtt") return GetAtt(argument, path);
  if (function == "Fn::Sub") return Sub(argument, path);
  if (function == "Fn::Join") return Join(argument, path);
  if (function == "Fn::Select") return Select(argument, path);
  if (function == "Fn::Split") return Split(argument, path);
  if (function == "Fn::If") return If(argument, path);
  if (function == "Fn::FindInMap") return FindInMap(argument, path);
  const std::string known =
      "known are Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split, Fn::If and Fn::FindInMap";
  return Wrong(path, Json(),
               "the function " + function.substr(0, 100) + " is unknown here" + DidYouMean(function, Functions()) +
                   "; " + known);
}

std::optional<Json> Expressions::Ref(const Json& argument, const std::string& path) {
  if (!argument.is_string()) return Wrong(path, argument, "Ref must be given a name");
  const std::string& name = argument.get_ref<const std::string&>();
  if (name == "AWS::NoValue") return std::nullopt;
  if (auto value = names_.Ref(name, path)) return Made(std::move(*value), path);
  return Wrong(path, argument, "Ref names neither a parameter nor a resource" + DidYouMean(name, names_.Known()));
}

std::optional<Json> Expressions::GetAtt(const Json& argument, const std::string& path) {
  std::string resource, attribute;
  if (argument.is_string()) {
    const std::string& text = argument.get_ref<const std::string&>();
    const std::size_t dot = text.find('.');
    resource = text.substr(0, dot);
    attribute = dot == std::string::npos ? "" : text.substr(dot + 1);
  } else {
    if (!HasItems(argument, 2, 2, "[\"LogicalId\", \"Attribute\"]", path)) return Json();
    const auto first = argument[0].is_string() ? Text(argument[0], path) : std::nullopt;
    const auto second = Text(argument[1], path);
    if (!first || !second) return Wrong(path, argument, "must be [\"LogicalId\", \"Attribute\"]");
    resource = *first;
    attribute = *second;
  }
  if (auto value = names_.Attribute(resource, attribute, path)) return Made(std::move(*value), path);
  return Made(Json(), path);
}

std::optional<Json> Expressions::Sub(const Json& argument, const std::string& path) {
  if (argument.is_string()) return Made(Substituted(argument.get_ref<const std::string&>(), Json(), path), path);
  if (!HasItems(argument, 2, 2, "a text, or [text, {name: value}]", path)) return Json();
  if (!argument[0].is_string() || !argument[1].is_object())
    return Wrong(path, argument, "must be a text, or [text, {name: value}]");
  Json own = Json::object();
  for (const auto& [name, value] : argument[1].items())
    if (const auto text = Text(value, path)) own[name] = *text;
  return Made(Substituted(argument[0].get_ref<const std::string&>(), own, path), path);
}

// "${Name}", "${Resource.Attribute}", "${!Literal}" for "${Literal}".
std::string Expressions::Substituted(const std::string& text, const Json& own, const std::string& path) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = std::min(text.find("${", at), text.size());
    result.append(text, at, start - at);
    if (start == text.size()) break;
    const std::size_t end = text.find('}', start);
    if (end == std::string::npos) {
      Wrong(path, Json(text), "Fn::Sub has a ${ without its }");
      break;
    }
    const std::string name = text.substr(start + 2, end - start - 2);
    result += !name.empty() && name[0] == '!' ? "${" + name.substr(1) + "}" : SubName(name, own, path).value_or("");
    if (produced_bytes_ + result.size() > limits::kTemplateExpandedBytes) break;  // Made() reports it
    at = end + 1;
  }
  return result;
}

std::optional<std::string> Expressions::SubName(const std::string& name, const Json& own, const std::string& path) {
  if (const auto it = own.find(name); it != own.end()) return it->get<std::string>();
  const std::size_t dot = name.find('.');
  const auto value = dot == std::string::npos ? names_.Ref(name, path)
                                              : names_.Attribute(name.substr(0, dot), name.substr(dot + 1), path);
  if (value) {
    if (auto text = ScalarText(*value)) return text;
    Wrong(path, Json(name), "is a list and cannot stand in a text; use Fn::Join");
  } else if (dot == std::string::npos) {
    Wrong(path, Json("${" + name + "}"), "names neither a parameter nor a resource" + DidYouMean(name, names_.Known()));
  }
  return std::nullopt;
}

std::optional<std::string> Expressions::Text(const Json& value, const std::string& path) {
  const std::size_t before = faults_.size();
  const auto expanded = Expand(value, path);
  if (expanded)
    if (auto text = ScalarText(*expanded)) return text;
  if (expanded && IsBroken(*expanded)) return std::string();
  if (faults_.size() == before) Wrong(path, value, "must be a text, or a function that gives one");
  return std::nullopt;
}

std::optional<Json> Expressions::Join(const Json& argument, const std::string& path) {
  if (!HasItems(argument, 2, 2, "[delimiter, [texts]]", path)) return Json();
  if (!argument[0].is_string()) return Wrong(path, argument, "must be [delimiter, [texts]], the delimiter a text");
  const auto items = Expand(argument[1], path);
  if (!items || !items->is_array()) return Wrong(path, argument, "must be [delimiter, [texts]]");
  std::string joined;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const auto text = ScalarText((*items)[i]);
    if (!text && !IsBroken((*items)[i])) return Wrong(path, (*items)[i], "Fn::Join joins texts only");
    joined += (i == 0 ? "" : argument[0].get<std::string>()) + text.value_or("");
    if (joined.size() > limits::kTemplateExpandedBytes) break;  // Made() reports it
  }
  return Made(std::move(joined), path);
}

std::optional<Json> Expressions::Select(const Json& argument, const std::string& path) {
  if (!HasItems(argument, 2, 2, "[index, [values]]", path)) return Json();
  const auto index = Text(argument[0], path);
  const auto items = Expand(argument[1], path);
  if (!index || !items || !items->is_array()) return Wrong(path, argument, "must be [index, [values]]");
  const auto number = ParseNumber(*index);
  if (!number || !number->is_number_unsigned() || number->get<std::size_t>() >= items->size())
    return Wrong(path, argument,
                 "the index " + index->substr(0, 100) + " is not between 0 and " +
                     std::to_string(std::max<std::size_t>(items->size(), 1) - 1));
  return Made((*items)[number->get<std::size_t>()], path);
}

std::optional<Json> Expressions::Split(const Json& argument, const std::string& path) {
  if (!HasItems(argument, 2, 2, "[delimiter, text]", path)) return Json();
  const std::string delimiter = argument[0].is_string() ? argument[0].get<std::string>() : std::string();
  if (delimiter.empty()) return Wrong(path, argument, "must be [delimiter, text], the delimiter not empty");
  const auto text = Text(argument[1], path);
  if (!text) return Json();
  Json items = Json::array();
  for (std::size_t start = 0;;) {
    const std::size_t end = text->find(delimiter, start);
    items.push_back(text->substr(start, end == std::string::npos ? end : end - start));
    if (end == std::string::npos) return Made(std::move(items), path);
    start = end + delimiter.size();
  }
}

std::optional<Json> Expressions::If(const Json& argument, const std::string& path) {
  if (!HasItems(argument, 3, 3, "[condition, value if it holds, value if not]", path)) return Json();
  if (!argument[0].is_string()) return Wrong(path, argument[0], "Fn::If must begin with a condition's name");
  return Expand(argument[Holds(argument[0].get<std::string>(), path) ? 1 : 2], path);
}

std::optional<Json> Expressions::FindInMap(const Json& argument, const std::string& path) {
  if (!HasItems(argument, 3, 3, "[map, first key, second key]", path)) return Json();
  const Json* at = &mappings_;
  for (const Json& key : argument) {
    const auto text = Text(key, path);
    if (!text) return Json();
    const auto it = at->find(*text);
    if (it == at->end()) return Wrong(path, argument, "Mappings has no " + ShortValue(*text) + " there");
    at = &*it;
  }
  if (at->is_object()) return Wrong(path, argument, "must lead to a value of Mappings");
  return Made(*at, path);
}

}  // namespace smhost
