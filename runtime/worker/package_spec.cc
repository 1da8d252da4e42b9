#include "worker/package_spec.h"

#include "base/json.h"
#include "base/limits.h"

namespace smhost {
namespace {

tl::unexpected<Error> BadSpec(const std::string& what) {
  return Fail(Code::kInvalid, "the package's call spec cannot be read: " + what);
}

// A dictionary's context is a list of its keys, or a text that holds one.
Result<std::vector<std::string>> KeysOf(const Json& context) {
  Json keys = context;
  if (context.is_string()) {
    SMHOST_TRY(keys, ParseJson(context.get<std::string>(), "call spec's context", limits::kDocumentBytes));
  }
  std::vector<std::string> names;
  if (keys.is_null()) return names;
  if (!keys.is_array()) return BadSpec("a dictionary without a list of keys");
  for (const auto& key : keys) names.push_back(key.is_string() ? key.get<std::string>() : CompactJson(key));
  return names;
}

Result<SpecNode> NodeFrom(const Json& json) {
  if (!json.is_object()) return BadSpec("a node that is no object");
  SpecNode node;
  std::string type = StringOr(json, "type");
  for (const auto& child : MemberOr(json, "children_spec")) {
    SMHOST_TRY(SpecNode made, NodeFrom(child));
    node.children.push_back(std::move(made));
  }
  if (type.empty()) return node;
  if (type == "builtins.tuple" || type == "builtins.list" || type == "collections.namedtuple" || type == "torch.Size" ||
      type == "collections.deque") {
    node.kind = SpecNode::Kind::kList;
  } else if (type == "builtins.dict" || type == "collections.OrderedDict") {
    node.kind = SpecNode::Kind::kDictionary;
    SMHOST_TRY(node.keys, KeysOf(MemberOr(json, "context")));
    if (node.keys.size() != node.children.size()) return BadSpec("a dictionary with more or fewer keys than values");
  } else {
    return BadSpec("containers of type " + type + " are not known");
  }
  return node;
}

TypeSpec TypeOf(const SpecNode& node) {
  TypeSpec type;
  if (node.kind == SpecNode::Kind::kList) {
    type.kind = TypeSpec::Kind::kTuple;
    type.text = "Tuple";
    for (const auto& child : node.children) type.inner.push_back(TypeOf(child));
  } else if (node.kind == SpecNode::Kind::kDictionary) {
    type.kind = TypeSpec::Kind::kOther;
    type.text = "Dict";
  }
  return type;
}

Status Collect(const Value& value, std::vector<const Tensor*>& flat) {
  if (const Tensor* tensor = value.As<Tensor>()) return flat.push_back(tensor), Status();
  const List* list = value.As<List>();
  if (list == nullptr) return Fail(Code::kInvalid, "the package takes tensors only");
  for (const auto& item : list->items) SMHOST_TRY_STATUS(Collect(item, flat));
  return {};
}

Result<Value> Build(const SpecNode& node, std::vector<Tensor>& flat, std::size_t& next) {
  if (node.kind == SpecNode::Kind::kLeaf) {
    if (next == flat.size()) return Fail(Code::kInternal, "the package gave fewer tensors than its call spec promises");
    return Value{std::move(flat[next++])};
  }
  List list;
  Dictionary dictionary;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    SMHOST_TRY(Value child, Build(node.children[i], flat, next));
    if (node.kind == SpecNode::Kind::kDictionary)
      dictionary.items.emplace_back(Value{node.keys[i]}, std::move(child));
    else
      list.items.push_back(std::move(child));
  }
  if (node.kind == SpecNode::Kind::kDictionary) return Value{std::move(dictionary)};
  return Value{std::move(list)};
}

}  // namespace

Result<SpecNode> ParseSpec(const std::string& text) {
  SMHOST_TRY(Json json, ParseJson(text, "the package's call spec", limits::kDocumentBytes));
  // [version, tree]
  if (json.is_array() && json.size() == 2) return NodeFrom(json[1]);
  return BadSpec("a list of a version and a tree is wanted");
}

Result<MethodSchema> SchemaOfSpec(const SpecNode& inputs) {
  // ((positional…), {name: …})
  bool known = inputs.kind == SpecNode::Kind::kList && inputs.children.size() == 2 &&
               inputs.children[0].kind == SpecNode::Kind::kList &&
               inputs.children[1].kind == SpecNode::Kind::kDictionary;
  if (!known) return BadSpec("its inputs are not positional arguments and keyword arguments");
  MethodSchema schema;
  for (const auto& child : inputs.children[0].children) schema.arguments.push_back({"", TypeOf(child), false});
  const auto& named = inputs.children[1];
  for (std::size_t i = 0; i < named.children.size(); ++i)
    schema.arguments.push_back({named.keys[i], TypeOf(named.children[i]), false});
  return schema;
}

Result<Value> Unflatten(const SpecNode& outputs, std::vector<Tensor> flat) {
  std::size_t next = 0;
  SMHOST_TRY(Value value, Build(outputs, flat, next));
  if (next != flat.size()) return Fail(Code::kInternal, "the package gave more tensors than its call spec promises");
  return value;
}

Result<std::vector<const Tensor*>> Flatten(const Arguments& arguments) {
  std::vector<const Tensor*> flat;
  for (const auto& argument : arguments) {
    if (!argument) return Fail(Code::kInvalid, "the package takes every argument");
    SMHOST_TRY_STATUS(Collect(*argument, flat));
  }
  return flat;
}

}  // namespace smhost
