#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "base/limits.h"
#include "worker/codec.h"
#include "worker/codec_formats.h"

namespace smhost {
namespace {

using Kind = TypeSpec::Kind;

TypeSpec Type(Kind kind, std::vector<TypeSpec> inner = {}) { return {kind, false, std::move(inner), "a type"}; }
TypeSpec Optional(TypeSpec type) {
  type.optional = true;
  return type;
}

MethodSchema OneTensor() { return {{{"x", Type(Kind::kTensor), false}}}; }
MethodSchema Speech() { return {{{"x", Type(Kind::kTensor), false}, {"sr", Type(Kind::kInt), false}}}; }

Arguments Decode(std::string_view body, const MethodSchema& schema, std::optional<DType> dtype = {}) {
  auto decoded = DecodeJson(body, schema, dtype);
  INFO(body << ": " << (decoded ? "" : decoded.error().message));
  REQUIRE(decoded);
  return *decoded;
}
Tensor DecodeTensor(std::string_view body, std::optional<DType> dtype = {}) {
  auto arguments = Decode(body, OneTensor(), dtype);
  REQUIRE(arguments.size() == 1);
  REQUIRE(arguments[0]->As<Tensor>());
  return *arguments[0]->As<Tensor>();
}
std::string Refusal(std::string_view body, const MethodSchema& schema, std::optional<DType> dtype = {}) {
  auto decoded = DecodeJson(body, schema, dtype);
  INFO(body);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == Code::kInvalid);
  return decoded.error().message;
}
std::string Encode(Value value) {
  auto text = EncodeJson(value);
  REQUIRE(text);
  return *text;
}
Tensor Floats(std::vector<std::int64_t> shape, std::vector<float> values) {
  return {DType::kF32, std::move(shape), std::string(reinterpret_cast<const char*>(values.data()), values.size() * 4)};
}
using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("nested lists become a float32 tensor of their shape") {
  Tensor tensor = DecodeTensor("[[1, 2.5, -3e2], [4, true, \"6.5\"]]");
  CHECK(Describe(tensor) == "float32[2, 3]");
  std::vector<double> values;
  for (int i = 0; i < 6; ++i) values.push_back(tensor.At(i));
  CHECK(values == std::vector<double>{1, 2.5, -300, 4, 1, 6.5});
}

TEST_CASE("a lone number is a tensor without dimensions, an empty list one without elements") {
  CHECK(Describe(DecodeTensor("7")) == "float32[]");
  CHECK(Describe(DecodeTensor("[]")) == "float32[0]");
  CHECK(Describe(DecodeTensor("[[], []]")) == "float32[2, 0]");
}

TEST_CASE("null and Python's NaN and infinities are read as numpy reads them") {
  Tensor tensor = DecodeTensor("[null, NaN, Infinity, -Infinity, \"nan\"]");
  CHECK(std::isnan(tensor.At(0)));
  CHECK(std::isnan(tensor.At(1)));
  CHECK(tensor.At(2) == std::numeric_limits<double>::infinity());
  CHECK(tensor.At(3) == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(tensor.At(4)));
}

TEST_CASE("the words NaN and Infinity within strings are left alone") {
  MethodSchema schema{{{"t", Type(Kind::kString), false}, {"x", Type(Kind::kTensor), false}}};
  auto arguments = Decode(R"({"inputs": ["a \"NaN\" of Infinity", [NaN]]})", schema);
  CHECK(*arguments[0]->As<std::string>() == "a \"NaN\" of Infinity");
}

TEST_CASE("lists of unequal length are refused with the place") {
  CHECK(Refusal("[[1, 2], [3]]", OneTensor()) == "the request[1]: 1 elements where its neighbours have 2");
  CHECK(Refusal("[[1, 2], [3, [4]]]", OneTensor()) == "the request[1][1]: a number is wanted, there is a list");
  CHECK(Refusal("[[1], 2]", OneTensor()) == "the request[1]: a list is wanted as at its neighbours, there is a number");
  CHECK(Refusal("[[[1]], [[\"x\"]]]", OneTensor()) ==
        "the request[1][0][0]: a number is wanted, there is the string \"x\"");
}

TEST_CASE("what is no JSON is refused") {
  for (const char* body : {"", " ", "[1, 2", "[1,, 2]", "{\"inputs\": [1}", "[1] [2]", "\xff\xfe", "[1e", "nul"})
    CHECK_THAT(Refusal(body, OneTensor()), Contains("not valid JSON"));
}

TEST_CASE("lists deeper than torch's dimensions are refused") {
  std::string deep = std::string(65, '[') + "1" + std::string(65, ']');
  CHECK_THAT(Refusal(deep, OneTensor()), Contains("64 deep"));
  CHECK_THAT(Refusal(std::string(5000, '[') + std::string(5000, ']'), OneTensor()), Contains("JSON"));
}

TEST_CASE("integer types keep integers whole and refuse what they cannot hold") {
  Tensor tensor = DecodeTensor("[9223372036854775807, -1, 2.0]", DType::kI64);
  std::int64_t first;
  std::memcpy(&first, tensor.bytes.data(), sizeof first);
  CHECK(first == 9223372036854775807);
  CHECK(tensor.At(2) == 2);
  CHECK(DecodeTensor("[18446744073709551615]", DType::kU64).bytes == std::string(8, '\xff'));
  CHECK_THAT(Refusal("[256]", OneTensor(), DType::kU8), Contains("out of the range of uint8"));
  CHECK_THAT(Refusal("[-1]", OneTensor(), DType::kU16), Contains("out of the range of uint16"));
  CHECK_THAT(Refusal("[1.5]", OneTensor(), DType::kI32), Contains("a fraction is no int32"));
  CHECK_THAT(Refusal("[1e300]", OneTensor(), DType::kI64), Contains("out of the range"));
  CHECK_THAT(Refusal("[null]", OneTensor(), DType::kI64), Contains("null is no int64"));
}

TEST_CASE("several inputs come by position or by name, scalars as the schema says") {
  for (const char* body : {R"({"inputs": [[[0.5, 1]], 16000]})", R"({"inputs": {"sr": 16000, "x": [[0.5, 1]]}})"}) {
    auto arguments = Decode(body, Speech());
    REQUIRE(arguments.size() == 2);
    CHECK(Describe(*arguments[0]->As<Tensor>()) == "float32[1, 2]");
    CHECK(*arguments[1]->As<std::int64_t>() == 16000);
  }
}

TEST_CASE("arguments that lack, are unknown, too many or of the wrong type are named") {
  CHECK_THAT(Refusal("[[1]]", Speech()), Contains("lacks the argument \"sr\"") && Contains("(x: a type, sr: a type)"));
  CHECK_THAT(Refusal(R"({"inputs": {"x": 1, "rate": 2}})", Speech()), Contains("no argument \"rate\""));
  CHECK_THAT(Refusal(R"({"inputs": {"x": 1, "x": 2, "sr": 1}})", Speech()), Contains("\"x\" is there twice"));
  CHECK_THAT(Refusal(R"({"inputs": [1, 2, 3]})", Speech()), Contains("more arguments"));
  CHECK(Refusal(R"({"inputs": [1, "a"]})", Speech()) == "inputs[1]: an integer is wanted, there is a string");
  CHECK(Refusal(R"({"inputs": [1, 2.5]})", Speech()) == "inputs[1]: an integer is wanted, there is a number");
  CHECK_THAT(Refusal(R"({"inputs": 1})", Speech()), Contains("a list (by position) or an object (by name)"));
  CHECK_THAT(Refusal(R"({"inputs": [1, 2], "outputs": 1})", Speech()), Contains("no other key"));
  CHECK_THAT(Refusal(R"({"instances": [1]})", Speech()), Contains("an object must be"));
  CHECK_THAT(Refusal("1", MethodSchema{}), Contains("takes no argument"));
}

TEST_CASE("an argument with a default may stay away, in the middle too") {
  MethodSchema schema{
      {{"x", Type(Kind::kTensor), false}, {"a", Type(Kind::kFloat), true}, {"b", Type(Kind::kBool), true}}};
  CHECK(Decode("[1]", schema).size() == 1);
  auto arguments = Decode(R"({"inputs": {"x": 1, "b": true}})", schema);
  REQUIRE(arguments.size() == 3);
  CHECK_FALSE(arguments[1].has_value());
  CHECK(*arguments[2]->As<bool>());
}

TEST_CASE("lists, tuples, dictionaries, strings and optional values follow the schema") {
  MethodSchema schema{{{"words", Type(Kind::kList, {Type(Kind::kString)}), false},
                       {"weights", Type(Kind::kDictionary, {Type(Kind::kString), Type(Kind::kFloat)}), false},
                       {"pair", Type(Kind::kTuple, {Type(Kind::kInt), Type(Kind::kTensor)}), false},
                       {"maybe", Optional(Type(Kind::kInt)), false}}};
  auto arguments = Decode(R"({"inputs": [["a", "b"], {"a": 1, "b": 0.5}, [3, [1, 2]], null]})", schema);
  CHECK(arguments[0]->As<List>()->items.size() == 2);
  CHECK(*arguments[1]->As<Dictionary>()->items[0].second.As<double>() == 1.0);
  CHECK(*arguments[2]->As<List>()->items[0].As<std::int64_t>() == 3);
  CHECK(arguments[3]->As<None>());
  CHECK_THAT(Refusal(R"({"inputs": [["a", 1], {}, [3, 1], null]})", schema),
             Contains("inputs[0][1]: a string is wanted"));
  CHECK_THAT(Refusal(R"({"inputs": [[], {"a": "b"}, [3, 1], null]})", schema),
             Contains("inputs[1][\"a\"]: a number is wanted"));
  CHECK_THAT(Refusal(R"({"inputs": [[], {}, [3], null]})", schema), Contains("2 elements are wanted"));
}

TEST_CASE("numbers print as Python prints them, a float32 with the digits that it needs") {
  CHECK(Encode({Floats({4}, {0.1f, 1.0f, -2.5f, 16777216.0f})}) == "[0.1, 1.0, -2.5, 16777216.0]");
  CHECK(Encode({Floats({3}, {1e-5f, 1e16f, 3.4028235e38f})}) == "[1e-05, 1e+16, 3.4028235e+38]");
  CHECK(Encode({Floats({3}, {0.0001f, -0.0f, 1e-45f})}) == "[0.0001, -0.0, 1e-45]");
  CHECK(Encode({0.1}) == "0.1");
  CHECK(Encode({1e15}) == "1000000000000000.0");
  CHECK(Encode({123456789012345680.0}) == "1.2345678901234568e+17");
  CHECK(Encode({1.0 / 3}) == "0.3333333333333333");
}

TEST_CASE("every float32 pattern that is tried comes back the same from its text") {
  std::uint32_t bits = 0x00000001;
  for (int i = 0; i < 20000; ++i, bits = bits * 1664525u + 1013904223u) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    std::string text;
    AppendFloat(value, text);
    double read = 0;
    REQUIRE(ParseFloat(text, read));
    REQUIRE(static_cast<float>(read) == value);
    // Python would read a float out of it, not an int.
    REQUIRE(text.find_first_of(".e") != std::string::npos);
  }
}

TEST_CASE("NaN and infinities print as Python prints them") {
  float inf = std::numeric_limits<float>::infinity();
  CHECK(Encode({Floats({3}, {std::nanf(""), inf, -inf})}) == "[NaN, Infinity, -Infinity]");
}

TEST_CASE("tensors of every type print their numbers") {
  Tensor floats = Floats({2, 1}, {3, 1});
  CHECK(Encode({Cast(floats, DType::kI64)}) == "[[3], [1]]");
  CHECK(Encode({Cast(floats, DType::kU8)}) == "[[3], [1]]");
  CHECK(Encode({Cast(floats, DType::kBool)}) == "[[true], [true]]");
  CHECK(Encode({Cast(floats, DType::kF16)}) == "[[3.0], [1.0]]");
  CHECK(Encode({Cast(floats, DType::kBF16)}) == "[[3.0], [1.0]]");
  CHECK(Encode({Cast(floats, DType::kF64)}) == "[[3.0], [1.0]]");
  CHECK(Encode({Tensor{DType::kU64, {}, std::string(8, '\xff')}}) == "18446744073709551615");
  CHECK(Encode({Floats({2, 0}, {})}) == "[[], []]");
}

TEST_CASE("structures print as json.dumps prints them") {
  Dictionary dictionary;
  dictionary.items.emplace_back(Value{"y"}, Value{Floats({1}, {2})});
  dictionary.items.emplace_back(Value{std::int64_t{3}},
                                Value{List{{Value{None{}}, Value{true}, Value{std::string("a")}}}});
  dictionary.items.emplace_back(Value{false}, Value{Dictionary{}});
  CHECK(Encode({std::move(dictionary)}) == R"({"y": [2.0], "3": [null, true, "a"], "false": {}})");
}

TEST_CASE("strings are escaped into ASCII") {
  CHECK(Encode({std::string("\"\\\n\t\x01/")}) == R"("\"\\\n\t\u0001/")");
  CHECK(Encode({std::string("\u00e9\u20ac\U0001F600")}) == R"("\u00e9\u20ac\ud83d\ude00")");
  CHECK(Encode({std::string("a\xff\xe2\x82")}) == R"("a\ufffd\ufffd\ufffd")");
}

TEST_CASE("an answer over the limit is refused") {
  Tensor huge{DType::kF32,
              {static_cast<std::int64_t>(limits::kModelOutputBytes / 4)},
              std::string(limits::kModelOutputBytes, '\0')};
  auto text = EncodeJson({std::move(huge)});
  REQUIRE_FALSE(text);
  CHECK(text.error().code == Code::kTooLarge);
}

}  // namespace smhost
