#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "api/api_time.h"
#include "api/protocol_query.h"
#include "api/shape_values.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "base/text.h"

namespace smhost {
namespace {

// The parameters by the parts of their names: "Tags.member.1.Key" is Tags → member → 1 → Key.
struct Node {
  std::optional<std::string> value;
  std::map<std::string, Node, std::less<>> children;

  const Node* Find(std::string_view name) const {
    auto found = children.find(name);
    return found == children.end() ? nullptr : &found->second;
  }
};

constexpr int kNameParts = 3 * limits::kJsonDepth;  // a list in a structure takes three

ApiResult<Node> BuildTree(const FormParameters& parameters) {
  Node root;
  std::size_t nodes = 0;
  for (const auto& [name, value] : parameters) {
    Node* at = &root;
    std::string_view rest = name;
    for (int parts = 0;; ++parts) {
      const std::string_view part = rest.substr(0, rest.find('.'));
      auto [child, made] = at->children.try_emplace(std::string(part));
      at = &child->second;
      if (parts == kNameParts || (made && ++nodes > limits::kApiValues))
        return ApiFail("SerializationException", "the parameter " + name.substr(0, 200) + "…: deeper or more than is allowed");
      if (part.size() == rest.size()) break;
      rest.remove_prefix(part.size() + 1);
    }
    at->value = value;
  }
  return root;
}

// The children whose names are numbers, in their order.
std::map<std::uint64_t, const Node*> Numbered(const Node& node) {
  std::map<std::uint64_t, const Node*> numbered;
  for (const auto& [name, child] : node.children) {
    std::uint64_t number = 0;
    auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (fault == std::errc() && end == name.data() + name.size()) numbered.emplace(number, &child);
  }
  return numbered;
}

template <typename Number>
std::optional<Json> NumberOf(const std::string& text) {
  Number number{};
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Json(number);
}

std::optional<Json> FloatOf(const std::string& text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return Json(std::numeric_limits<double>::quiet_NaN());
  if (text == "Infinity" || text == "-Infinity") return Json(text[0] == '-' ? -kInfinity : kInfinity);
  auto number = NumberOf<double>(text);
  // from_chars takes "inf" and "nan" too, which are no numbers here.
  return text.find_first_of("nN") == text.npos ? number : std::nullopt;
}

std::optional<Json> BooleanOf(std::string_view text) {
  const std::string lower = LowerCase(text);
  return lower == "true" || lower == "false" ? std::optional(Json(lower == "true")) : std::nullopt;
}

ApiResult<Json> Read(const ShapeUse& use, const Node& node, const std::string& path);

ApiResult<Json> ReadScalar(const ShapeUse& use, const Node& node, const std::string& path) {
  if (!node.value) return ApiFail("SerializationException", "Start of structure or map found where not expected, at '" + path + "'");
  const std::string& text = *node.value;
  std::optional<Json> value;
  const char* what = "";
  switch (use.shape->type) {
    case ShapeType::kInteger: value = NumberOf<std::int32_t>(text), what = "an integer of 32 bits"; break;
    case ShapeType::kLong: value = NumberOf<std::int64_t>(text), what = "an integer of 64 bits"; break;
    case ShapeType::kFloat:
    case ShapeType::kDouble: value = FloatOf(text), what = "a number"; break;
    case ShapeType::kBoolean: value = BooleanOf(text), what = "true or false"; break;
    case ShapeType::kTimestamp:
      if (auto seconds = ParseApiTime(text)) value = ApiTime(*seconds, TimeFormat::kUnixTimestamp);
      what = "a time, as 2026-01-31T12:00:00Z";
      break;
    default: value = text;
  }
  if (value) return *value;
  return ApiFail("SerializationException", "Value '" + text.substr(0, limits::kApiMessageValueBytes) + "' at '" + path + "' is not " + what);
}

// A flattened list or map stands under its own name, or that of its elements.
const Node* FindMember(const ShapeMember& member, const Node& node) {
  if (const Node* child = node.Find(member.wire_name())) return child;
  const bool renamed = member.flattened && member.shape->type == ShapeType::kList && !member.shape->element.location_name.empty();
  return renamed ? node.Find(member.shape->element.location_name) : nullptr;
}

ApiResult<Json> ReadStructure(const ShapeUse& use, const Node& node, const std::string& path) {
  Json read = Json::object();
  for (const ShapeMember& member : use.shape->members) {
    const Node* child = FindMember(member, node);
    if (child == nullptr) continue;
    ApiResult<Json> value = Read(member, *child, MemberPath(path, member.name));
    if (!value) return value;
    read[member.name] = std::move(*value);
  }
  return read;
}

std::string_view NameOr(const ShapeUse& use, std::string_view otherwise) {
  return use.location_name.empty() ? otherwise : std::string_view(use.location_name);
}

ApiResult<Json> ReadList(const ShapeUse& use, const Node& node, const std::string& path) {
  const ShapeUse& element = use.shape->element;
  const Node* holder = use.flattened ? &node : node.Find(NameOr(element, "member"));
  Json read = Json::array();
  if (holder == nullptr) return read;  // "Tags=" is an empty list
  for (const auto& [number, child] : Numbered(*holder)) {
    ApiResult<Json> value = Read(element, *child, ElementPath(path, read.size()));
    if (!value) return value;
    read.push_back(std::move(*value));
  }
  return read;
}

ApiResult<Json> ReadMap(const ShapeUse& use, const Node& node, const std::string& path) {
  const Shape& shape = *use.shape;
  const Node* holder = use.flattened ? &node : node.Find("entry");
  Json read = Json::object();
  if (holder == nullptr) return read;
  for (const auto& [number, entry] : Numbered(*holder)) {
    const Node* key = entry->Find(NameOr(shape.key, "key"));
    const Node* value = entry->Find(NameOr(shape.value, "value"));
    if (key == nullptr || !key->value || value == nullptr)
      return ApiFail("SerializationException", "the entry " + std::to_string(number) + " at '" + path + "' has no key or no value");
    ApiResult<Json> one = Read(shape.value, *value, EntryPath(path, *key->value));
    if (!one) return one;
    read[*key->value] = std::move(*one);
  }
  return read;
}

ApiResult<Json> Read(const ShapeUse& use, const Node& node, const std::string& path) {
  switch (use.shape->type) {
    case ShapeType::kStructure: return ReadStructure(use, node, path);
    case ShapeType::kList: return ReadList(use, node, path);
    case ShapeType::kMap: return ReadMap(use, node, path);
    default: return ReadScalar(use, node, path);
  }
}

}  // namespace

ApiResult<Json> DecodeQueryInput(const ApiOperation& operation, const FormParameters& parameters) {
  if (operation.input == nullptr) return Json::object();
  ApiResult<Node> tree = BuildTree(parameters);
  if (!tree) return tl::unexpected<ApiError>(std::move(tree).error());
  ShapeUse use;
  use.shape = operation.input;
  return Read(use, *tree, "");
}

}  // namespace smhost
