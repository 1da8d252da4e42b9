#include "worker/package_spec.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

const std::string kLeaf = R"({"type": null, "context": null, "children_spec": []})";

std::string Node(const std::string& type, const std::string& context, std::vector<std::string> children) {
  std::string text = R"({"type": ")" + type + R"(", "context": )" + context + R"(, "children_spec": [)";
  for (std::size_t i = 0; i < children.size(); ++i) text += (i ? ", " : "") + children[i];
  return text + "]}";
}
std::string Spec(const std::string& node) { return "[1, " + node + "]"; }
Tensor Byte(char value) { return {DType::kU8, {}, std::string(1, value)}; }

}  // namespace

TEST_CASE("a call spec's positional and keyword arguments make a schema") {
  auto inputs = ParseSpec(
      Spec(Node("builtins.tuple", "null",
                {Node("builtins.tuple", "null", {kLeaf, kLeaf}), Node("builtins.dict", R"("[\"mask\"]")", {kLeaf})})));
  REQUIRE(inputs);
  auto schema = SchemaOfSpec(*inputs);
  REQUIRE(schema);
  REQUIRE(schema->arguments.size() == 3);
  CHECK(schema->arguments[0].name.empty());
  CHECK(schema->arguments[2].name == "mask");
}

TEST_CASE("flat outputs get the shape of their spec") {
  auto outputs =
      ParseSpec(Spec(Node("builtins.dict", R"(["y", "z"])", {kLeaf, Node("builtins.list", "null", {kLeaf, kLeaf})})));
  REQUIRE(outputs);
  auto value = Unflatten(*outputs, {Byte('a'), Byte('b'), Byte('c')});
  REQUIRE(value);
  const auto& items = value->As<Dictionary>()->items;
  CHECK(*items[0].first.As<std::string>() == "y");
  CHECK(items[0].second.As<Tensor>()->bytes == "a");
  CHECK(items[1].second.As<List>()->items[1].As<Tensor>()->bytes == "c");
}

TEST_CASE("more or fewer outputs than the spec has are our library's fault") {
  auto outputs = ParseSpec(Spec(Node("builtins.tuple", "null", {kLeaf})));
  REQUIRE(outputs);
  CHECK(Unflatten(*outputs, {}).error().code == Code::kInternal);
  CHECK(Unflatten(*outputs, {Byte('a'), Byte('b')}).error().code == Code::kInternal);
}

TEST_CASE("specs that we cannot read are refused") {
  for (const std::string& text : {std::string("{"), std::string("[1]"), Spec("3"), Spec(Node("my.Class", "null", {})),
                                  Spec(Node("builtins.dict", R"(["a"])", {}))})
    CHECK_FALSE(ParseSpec(text));
  CHECK_FALSE(SchemaOfSpec(*ParseSpec(Spec(kLeaf))));
}

}  // namespace smhost
