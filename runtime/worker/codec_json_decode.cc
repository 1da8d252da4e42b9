#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "worker/codec_formats.h"
#include "worker/codec_json_tensor.h"

namespace smhost {
namespace {

using simdjson::dom::element;

// --- values of a method's argument

class ValueReader {
 public:
  explicit ValueReader(std::optional<DType> dtype) : dtype_(dtype) {}

  Result<Value> Read(element value, const TypeSpec& type, const Place& place) const {
    if (value.is_null() && type.optional) return Value{None{}};
    switch (type.kind) {
      case TypeSpec::Kind::kTensor:
        return ReadTensor(value, place);
      case TypeSpec::Kind::kInt:
        return ReadInt(value, place);
      case TypeSpec::Kind::kFloat:
        return ReadFloat(value, place);
      case TypeSpec::Kind::kNumber:
        return value.is_int64() ? ReadInt(value, place) : ReadFloat(value, place);
      case TypeSpec::Kind::kBool:
        if (value.is_bool()) return Value{value.get_bool().value_unsafe()};
        return Wanted("true or false", value, place);
      case TypeSpec::Kind::kString:
        if (value.is_string()) return Value{std::string(value.get_string().value_unsafe())};
        return Wanted("a string", value, place);
      case TypeSpec::Kind::kList:
      case TypeSpec::Kind::kTuple:
        return ReadList(value, type, place);
      case TypeSpec::Kind::kDictionary:
        return ReadDictionary(value, type, place);
      case TypeSpec::Kind::kAny:
        return ReadAny(value, place);
      case TypeSpec::Kind::kOther:
        break;
    }
    return place.Wrong("the model wants a " + type.text + " here, which no request can hold");
  }

 private:
  static tl::unexpected<Error> Wanted(const std::string& what, element value, const Place& place) {
    return place.Wrong(what + " is wanted, there is " + WordFor(value));
  }

  Result<Value> ReadTensor(element value, const Place& place) const {
    SMHOST_TRY(Tensor tensor, ReadJsonTensor(value, dtype_.value_or(DType::kF32), place));
    return Value{std::move(tensor)};
  }

  static Result<Value> ReadInt(element value, const Place& place) {
    if (value.is_int64()) return Value{value.get_int64().value_unsafe()};
    double number = 0;
    if (value.get_double().get(number) == simdjson::SUCCESS && number == std::floor(number) &&
        std::abs(number) < 9.0e15)
      return Value{static_cast<std::int64_t>(number)};
    return Wanted("an integer", value, place);
  }

  static Result<Value> ReadFloat(element value, const Place& place) {
    double number = 0;
    if (value.get_double().get(number) == simdjson::SUCCESS) return Value{number};
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS && ParseFloat(text, number)) return Value{number};
    return Wanted("a number", value, place);
  }

  Result<Value> ReadList(element value, const TypeSpec& type, const Place& place) const {
    if (!value.is_array()) return Wanted("a list (" + type.text + ")", value, place);
    auto list = ListOf(value);
    bool tuple = type.kind == TypeSpec::Kind::kTuple;
    if (tuple && list.size() != type.inner.size())
      return place.Wrong(std::to_string(type.inner.size()) + " elements are wanted (" + type.text + "), there are " +
                         std::to_string(list.size()));
    List items;
    for (element item : list) {
      std::size_t i = items.items.size();
      SMHOST_TRY(Value read, Read(item, type.inner.at(tuple ? i : 0), place.At(i)));
      items.items.push_back(std::move(read));
    }
    return Value{std::move(items)};
  }

  Result<Value> ReadDictionary(element value, const TypeSpec& type, const Place& place) const {
    if (!value.is_object()) return Wanted("an object (" + type.text + ")", value, place);
    if (type.inner.at(0).kind != TypeSpec::Kind::kString)
      return place.Wrong("the model wants a " + type.text + ", JSON has only strings as keys");
    Dictionary items;
    for (auto [key, item] : ObjectOf(value)) {
      SMHOST_TRY(Value read, Read(item, type.inner.at(1), place.At(key)));
      items.items.emplace_back(Value{std::string(key)}, std::move(read));
    }
    return Value{std::move(items)};
  }

  // Where the model takes anything: strings, true, false, null and objects stay, numbers and lists of them are tensors.
  Result<Value> ReadAny(element value, const Place& place) const {
    static const TypeSpec kAnything{TypeSpec::Kind::kAny, false, {}, "Any"};
    if (value.is_string()) return Value{std::string(value.get_string().value_unsafe())};
    if (value.is_bool()) return Value{value.get_bool().value_unsafe()};
    if (value.is_null()) return Value{None{}};
    if (!value.is_object()) return ReadTensor(value, place);
    Dictionary items;
    for (auto [key, item] : ObjectOf(value)) {
      SMHOST_TRY(Value read, Read(item, kAnything, place.At(key)));
      items.items.emplace_back(Value{std::string(key)}, std::move(read));
    }
    return Value{std::move(items)};
  }

  std::optional<DType> dtype_;
};

// --- the whole request

class RequestReader {
 public:
  RequestReader(const MethodSchema& schema, std::optional<DType> dtype) : schema_(schema), values_(dtype) {}

  Result<Arguments> Read(element root) const {
    element inputs;
    if (root.is_object() && ObjectOf(root).at_key("inputs").get(inputs) == simdjson::SUCCESS) {
      if (ObjectOf(root).size() != 1)
        return Fail(Code::kInvalid, "the request: beside \"inputs\" there may be no other key");
      if (inputs.is_array()) return ReadPositional(inputs);
      if (inputs.is_object()) return ReadNamed(inputs);
      return Fail(Code::kInvalid, "inputs: a list (by position) or an object (by name) is wanted");
    }
    return ReadOnly(root);
  }

 private:
  Result<Arguments> ReadOnly(element root) const {
    if (schema_.arguments.empty())
      return Fail(Code::kInvalid, "the model's method takes no argument: send {\"inputs\": []}");
    const auto& first = schema_.arguments[0];
    bool takes_object = first.type.kind == TypeSpec::Kind::kDictionary || first.type.kind == TypeSpec::Kind::kAny;
    if (root.is_object() && !takes_object)
      return Fail(
          Code::kInvalid,
          "the request: an object must be {\"inputs\": […]} or {\"inputs\": {…}}; the method takes " + schema_.Text());
    Arguments arguments;
    SMHOST_TRY(Value value, values_.Read(root, first.type, Place("the request")));
    arguments.push_back(std::move(value));
    return Complete(std::move(arguments));
  }

  Result<Arguments> ReadPositional(element inputs) const {
    Arguments arguments;
    for (element item : ListOf(inputs)) {
      std::size_t i = arguments.size();
      if (i == schema_.arguments.size())
        return Fail(Code::kInvalid, "inputs: more arguments than the method takes, " + schema_.Text());
      SMHOST_TRY(Value value, values_.Read(item, schema_.arguments[i].type, Place("inputs").At(i)));
      arguments.push_back(std::move(value));
    }
    return Complete(std::move(arguments));
  }

  Result<Arguments> ReadNamed(element inputs) const {
    Arguments arguments(schema_.arguments.size());
    for (auto [key, item] : ObjectOf(inputs)) {
      auto it = std::find_if(schema_.arguments.begin(), schema_.arguments.end(),
                             [key = key](const ArgumentSpec& a) { return !a.name.empty() && a.name == key; });
      if (it == schema_.arguments.end())
        return Fail(Code::kInvalid, "inputs: the method has no argument \"" + std::string(key.substr(0, 80)) +
                                        "\", it takes " + schema_.Text());
      auto& argument = arguments[static_cast<std::size_t>(it - schema_.arguments.begin())];
      if (argument) return Fail(Code::kInvalid, "inputs: \"" + it->name + "\" is there twice");
      SMHOST_TRY(argument, values_.Read(item, it->type, Place("inputs").At(key)));
    }
    return Complete(std::move(arguments));
  }

  Result<Arguments> Complete(Arguments arguments) const {
    arguments.resize(schema_.arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto& spec = schema_.arguments[i];
      if (arguments[i] || spec.has_default) continue;
      std::string which = spec.name.empty() ? "number " + std::to_string(i + 1) : "\"" + spec.name + "\"";
      return Fail(Code::kInvalid, "the request lacks the argument " + which + "; the method takes " + schema_.Text() +
                                      ": send {\"inputs\": […]} by position or {\"inputs\": {…}} by name");
    }
    while (!arguments.empty() && !arguments.back()) arguments.pop_back();
    return arguments;
  }

  const MethodSchema& schema_;
  const ValueReader values_;
};

// Python's JSON also knows NaN, Infinity and -Infinity; simdjson does not. As strings they get through.
std::string NonFiniteAsStrings(std::string_view body) {
  std::string text;
  text.reserve(body.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (in_string || body[i] == '"') {
      if (in_string && body[i] == '\\' && i + 1 < body.size())
        text += body[i++];
      else if (body[i] == '"')
        in_string = !in_string;
      text += body[i];
      continue;
    }
    std::string_view found;
    for (std::string_view word : {"NaN", "-Infinity", "Infinity"})
      if (body.compare(i, word.size(), word) == 0) found = word;
    if (found.empty()) {
      text += body[i];
      continue;
    }
    text.append("\"").append(found).append("\"");
    i += found.size() - 1;
  }
  return text;
}

bool MentionsNonFinite(std::string_view body) {
  return body.find("NaN") != std::string_view::npos || body.find("Infinity") != std::string_view::npos;
}

}  // namespace

Result<Arguments> DecodeJson(std::string_view body, const MethodSchema& schema, std::optional<DType> dtype) {
  static thread_local simdjson::dom::parser parser(limits::kFrameBodyBytes + simdjson::SIMDJSON_PADDING);
  element root;
  auto error = parser.parse(body.data(), body.size()).get(root);
  if (error != simdjson::SUCCESS && MentionsNonFinite(body)) {
    std::string text = NonFiniteAsStrings(body);
    error = parser.parse(text).get(root);
  }
  if (error != simdjson::SUCCESS)
    return Fail(Code::kInvalid, std::string("the request is not valid JSON: ") + simdjson::error_message(error));
  return RequestReader(schema, dtype).Read(root);
}

}  // namespace smhost
