// What goes into a model and what comes out of one, without torch: tensors as plain bytes, scalars, lists,
// dictionaries. The codecs and the scripted test worker know only these. Plain values, no thread of their own.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace smhost {

enum class DType : std::uint8_t { kBool, kU8, kU16, kU32, kU64, kI8, kI16, kI32, kI64, kF16, kBF16, kF32, kF64 };

std::size_t SizeOf(DType dtype);
const char* NameOf(DType dtype);                         // "float32"
std::optional<DType> DTypeNamed(std::string_view name);  // "float32", "float", "half", …: the names torch gives them
bool IsFloating(DType dtype);

// Dense, row-major, in this machine's byte order.
struct Tensor {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;  // empty: one number
  std::string bytes;

  std::int64_t Count() const;
  // Element `index` in row-major order; for integers beyond 2^53 use the bytes.
  double At(std::int64_t index) const;
};

float FloatFromHalf(std::uint16_t bits);
float FloatFromBFloat16(std::uint16_t bits);
// Rounds to nearest; writes one element. NaN and fractions become what a C cast makes of them where `dtype` is an
// integer.
void StoreElement(DType dtype, double value, char* to);
Tensor Cast(const Tensor& tensor, DType dtype);
// "float32[2, 3]".
std::string Describe(const Tensor& tensor);

struct Value;
struct None {
  bool operator==(const None&) const = default;
};
struct List {  // tuples too: on the wire they look alike
  std::vector<Value> items;
};
struct Dictionary {
  std::vector<std::pair<Value, Value>> items;  // in the order in which the model made them
};

struct Value {
  std::variant<None, bool, std::int64_t, double, std::string, Tensor, List, Dictionary> data;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&data);
  }
};

// An argument per place; nothing where the method's own default is meant.
using Arguments = std::vector<std::optional<Value>>;

// What a method's argument takes.
struct TypeSpec {
  enum class Kind { kTensor, kInt, kFloat, kNumber, kBool, kString, kList, kTuple, kDictionary, kAny, kOther };
  Kind kind = Kind::kTensor;
  bool optional = false;
  std::vector<TypeSpec> inner;  // list: of an element; tuple: of each place; dictionary: of key and value
  std::string text = "Tensor";  // for messages
};

struct ArgumentSpec {
  std::string name;
  TypeSpec type;
  bool has_default = false;
};

struct MethodSchema {
  std::vector<ArgumentSpec> arguments;
  // "(x: Tensor, sr: int)".
  std::string Text() const;
};

}  // namespace smhost
