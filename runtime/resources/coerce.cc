#include "resources/coerce.h"

#include "resources/numbers.h"
#include "resources/schema.h"

namespace smhost {
namespace {

void Convert(const std::string& type, Json& value) {
  if (type == "string" && !value.is_string()) {
    if (const auto text = ScalarText(value)) value = *text;
  } else if ((type == "integer" || type == "number") && value.is_string()) {
    if (const auto number = ParseNumber(value.get_ref<const std::string&>())) value = *number;
  } else if (type == "boolean" && (value == "true" || value == "false")) {
    value = value == "true";
  }
}

class Walk {
 public:
  Walk(const Json& root, const std::set<std::string>& produced) : root_(root), produced_(produced) {}

  void Node(const Json& unresolved, const std::string& path, bool inside, Json& value) const {
    const Json& node = Resolve(root_, unresolved);
    inside = inside || produced_.contains(path);
    if (value.is_object()) return Object(node, path, inside, value);
    if (value.is_array()) return Array(node, path, inside, value);
    if (inside) Convert(StringOr(node, "type"), value);
  }

 private:
  void Object(const Json& node, const std::string& path, bool inside, Json& value) const {
    const Json& properties = MemberOr(node, "properties");
    const Json& others = MemberOr(node, "additionalProperties");
    for (auto& [key, member] : value.items()) {
      const auto known = properties.find(key);
      if (known != properties.end())
        Node(*known, path + "." + key, inside, member);
      else if (others.is_object())
        Node(others, path + "." + key, inside, member);
    }
  }
  void Array(const Json& node, const std::string& path, bool inside, Json& value) const {
    const Json& items = MemberOr(node, "items");
    if (!items.is_object()) return;
    for (std::size_t i = 0; i < value.size(); ++i) Node(items, path + "[" + std::to_string(i) + "]", inside, value[i]);
  }

  const Json& root_;
  const std::set<std::string>& produced_;
};

}  // namespace

void Coerce(const Json& root, const std::set<std::string>& produced, const std::string& path, Json& value) {
  Walk(root, produced).Node(root, path, false, value);
}

}  // namespace smhost
