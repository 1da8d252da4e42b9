#include "resources/yaml.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "base/limits.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

// Thrown and caught within this file: yaml-cpp throws its own faults all the same.
struct Refused {
  YAML::Mark mark;
  std::string rule;
};

[[noreturn]] void Refuse(const YAML::Node& node, std::string rule) { throw Refused{node.Mark(), std::move(rule)}; }

constexpr std::string_view kFunctions[] = {"Base64", "Cidr",  "FindInMap", "GetAZs", "If",        "ImportValue", "Join",
                                           "Select", "Split", "Sub",       "Equals", "Transform", "And",         "Or",
                                           "Not",    "Length", "ToJsonString"};

// The member that a short tag stands for; nothing for a tag that templates do not have.
std::optional<std::string> FunctionOf(const std::string& tag) {
  if (tag == "!Ref" || tag == "!Condition") return tag.substr(1);
  if (tag == "!GetAtt") return "Fn::GetAtt";
  for (const std::string_view name : kFunctions)
    if (tag.substr(1) == name) return "Fn::" + std::string(name);
  return std::nullopt;
}

template <typename Number>
std::optional<Number> Whole(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A number with a leading zero stays text: it is an account's id or a code, and as a number would become another one.
Json PlainNumber(const std::string& text) {
  const std::size_t first = text[0] == '-' ? 1 : 0;
  const bool starts = text.size() > first && text[first] >= '0' && text[first] <= '9';
  const bool padded = text.size() > first + 1 && text[first] == '0' && text[first + 1] >= '0' && text[first + 1] <= '9';
  if (!starts || padded) return text;
  if (const auto whole = Whole<std::int64_t>(text)) return *whole;
  if (const auto real = Whole<double>(text); real && std::isfinite(*real)) return *real;
  return text;
}

Json Plain(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return Json();
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return PlainNumber(text);
}

// YAML's own tags for what JSON has; "?" and "!" are those of plain and of quoted scalars.
bool IsOwnTag(const std::string& tag) {
  if (tag.empty() || tag == "?" || tag == "!") return true;
  for (const char* type : {"str", "int", "float", "bool", "null", "seq", "map"})
    if (tag == std::string("tag:yaml.org,2002:") + type) return true;
  return false;
}

bool IsText(const std::string& tag) { return tag == "!" || tag == "tag:yaml.org,2002:str" || !IsOwnTag(tag); }

class Reader {
 public:
  Json Read(const YAML::Node& node, int depth) {
    if (depth > limits::kJsonDepth) Refuse(node, "more than " + std::to_string(limits::kJsonDepth) + " levels deep");
    if (++nodes_ > limits::kYamlNodes)
      Refuse(node, "more than " + std::to_string(limits::kYamlNodes) + " values, those of aliases counted each time");
    const std::string tag = node.Tag();
    Json value = Bare(node, tag, depth);
    if (IsOwnTag(tag)) return value;
    const auto function = FunctionOf(tag);
    if (!function) Refuse(node, "the tag " + tag.substr(0, 64) + " is none of CloudFormation's");
    if (*function == "Fn::GetAtt" && value.is_string()) value = Attribute(node, value.get<std::string>());
    return Json{{*function, std::move(value)}};
  }

 private:
  Json Bare(const YAML::Node& node, const std::string& tag, int depth) {
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        bytes_ += node.Scalar().size();
        if (bytes_ > limits::kTemplateExpandedBytes) Refuse(node, "too long, texts of aliases counted each time");
        return IsText(tag) ? Json(node.Scalar()) : Plain(node.Scalar());
      case YAML::NodeType::Sequence: {
        Json list = Json::array();
        for (const YAML::Node& item : node) list.push_back(Read(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Map:
        return Object(node, depth);
      default:
        return Json();
    }
  }

  Json Object(const YAML::Node& node, int depth) {
    Json object = Json::object();
    for (const auto& pair : node) {
      const YAML::Node &key = pair.first, &value = pair.second;
      if (!key.IsScalar()) Refuse(key, "a key must be a text");
      const std::string& name = key.Scalar();
      if (name == "<<") Refuse(key, "merge keys (<<) cannot be used in templates");
      bytes_ += name.size();
      if (object.contains(name)) Refuse(key, "the key \"" + name.substr(0, 100) + "\" stands here twice");
      object[name] = Read(value, depth + 1);
    }
    return object;
  }

  // "Config.EndpointConfigName": the resource, then its attribute, which may have dots.
  static Json Attribute(const YAML::Node& node, const std::string& text) {
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) Refuse(node, "!GetAtt must name a resource and its attribute: Resource.Attribute");
    return Json::array({text.substr(0, dot), text.substr(dot + 1)});
  }

  std::size_t nodes_ = 0, bytes_ = 0;
};

tl::unexpected<Error> FailAt(const std::string& what, const YAML::Mark& mark, const std::string& rule) {
  const std::string place = mark.is_null() ? "" : " (line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) + ")";
  return Fail(Code::kInvalid, what + ": YAML" + place + ": " + rule);
}

}  // namespace

Result<Json> ParseYaml(std::string_view text, const std::string& what, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return Fail(Code::kTooLarge, what + ": larger than the " + std::to_string(max_bytes) + " bytes allowed");
  if (text.find('\0') != std::string_view::npos) return Fail(Code::kInvalid, what + ": YAML: a NUL byte is no text");
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() != 1)
      return Fail(Code::kInvalid, what + ": YAML: must hold one document, not " + std::to_string(documents.size()));
    return Reader().Read(documents[0], 1);
  } catch (const Refused& refused) {
    return FailAt(what, refused.mark, refused.rule);
  } catch (const YAML::Exception& fault) {
    return FailAt(what, fault.mark, fault.msg);
  }
}

Result<Json> ParseTemplate(std::string_view text, const std::string& what, std::size_t max_bytes) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return json ? ParseJson(text, what, max_bytes) : ParseYaml(text, what, max_bytes);
}

}  // namespace smhost
