#include "worker/value.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace smhost {
namespace {

struct DTypeInfo {
  DType dtype;
  std::size_t size;
  const char* name;
  const char* other;  // a second name
};

constexpr std::array<DTypeInfo, 13> kDTypes = {{
    {DType::kBool, 1, "bool", "boolean"},
    {DType::kU8, 1, "uint8", "byte"},
    {DType::kU16, 2, "uint16", ""},
    {DType::kU32, 4, "uint32", ""},
    {DType::kU64, 8, "uint64", ""},
    {DType::kI8, 1, "int8", "char"},
    {DType::kI16, 2, "int16", "short"},
    {DType::kI32, 4, "int32", "int"},
    {DType::kI64, 8, "int64", "long"},
    {DType::kF16, 2, "float16", "half"},
    {DType::kBF16, 2, "bfloat16", ""},
    {DType::kF32, 4, "float32", "float"},
    {DType::kF64, 8, "float64", "double"},
}};

const DTypeInfo& InfoOf(DType dtype) {
  const auto& info = kDTypes[static_cast<std::size_t>(dtype)];
  SMHOST_CHECK(info.dtype == dtype);
  return info;
}

template <typename T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename T>
void Store(T value, char* to) {
  std::memcpy(to, &value, sizeof value);
}

// The shared rounding of float32 to a narrower significand: to nearest, ties to even.
std::uint32_t RoundShift(std::uint32_t bits, int shift) {
  std::uint32_t half = 1u << (shift - 1), odd = (bits >> shift) & 1;
  return (bits + half - 1 + odd) >> shift;
}

std::uint16_t BFloat16From(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16) | 0x40);
  return static_cast<std::uint16_t>(RoundShift(bits, 16));
}

std::uint16_t HalfFrom(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  std::uint32_t sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<std::uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x477ff000) return static_cast<std::uint16_t>(sign | 0x7c00);  // rounds past 65504
  if (magnitude >= 0x38800000) return static_cast<std::uint16_t>(sign | RoundShift(magnitude - 0x38000000, 13));
  // Subnormal: in units of 2^-24.
  float units = std::ldexp(std::bit_cast<float>(magnitude), 24);
  return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(std::nearbyintf(units)));
}

double LoadElement(DType dtype, const char* from) {
  switch (dtype) {
    case DType::kBool:
      return *from != 0 ? 1 : 0;
    case DType::kU8:
      return static_cast<double>(Load<std::uint8_t>(from));
    case DType::kU16:
      return static_cast<double>(Load<std::uint16_t>(from));
    case DType::kU32:
      return static_cast<double>(Load<std::uint32_t>(from));
    case DType::kU64:
      return static_cast<double>(Load<std::uint64_t>(from));
    case DType::kI8:
      return static_cast<double>(Load<std::int8_t>(from));
    case DType::kI16:
      return static_cast<double>(Load<std::int16_t>(from));
    case DType::kI32:
      return static_cast<double>(Load<std::int32_t>(from));
    case DType::kI64:
      return static_cast<double>(Load<std::int64_t>(from));
    case DType::kF16:
      return FloatFromHalf(Load<std::uint16_t>(from));
    case DType::kBF16:
      return FloatFromBFloat16(Load<std::uint16_t>(from));
    case DType::kF32:
      return Load<float>(from);
    case DType::kF64:
      return Load<double>(from);
  }
  return 0;
}

// A C cast out of range is undefined: clamped instead, NaN to 0.
template <typename T>
T ToInteger(double value) {
  if (std::isnan(value)) return 0;
  if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  if (value >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  return static_cast<T>(value);
}

}  // namespace

std::size_t SizeOf(DType dtype) { return InfoOf(dtype).size; }
const char* NameOf(DType dtype) { return InfoOf(dtype).name; }

std::optional<DType> DTypeNamed(std::string_view name) {
  if (name.substr(0, 6) == "torch.") name.remove_prefix(6);
  for (const auto& info : kDTypes)
    if (!name.empty() && (name == info.name || name == info.other)) return info.dtype;
  return std::nullopt;
}

bool IsFloating(DType dtype) { return dtype >= DType::kF16; }

std::int64_t Tensor::Count() const {
  std::int64_t count = 1;
  for (std::int64_t size : shape) count *= size;
  return count;
}

double Tensor::At(std::int64_t index) const {
  return LoadElement(dtype, bytes.data() + static_cast<std::size_t>(index) * SizeOf(dtype));
}

float FloatFromHalf(std::uint16_t bits) {
  std::uint32_t sign = (bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ff) << 13));
  if (magnitude >= 0x400) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
  float value = std::ldexp(static_cast<float>(magnitude), -24);
  return sign != 0 ? -value : value;
}

float FloatFromBFloat16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

void StoreElement(DType dtype, double value, char* to) {
  switch (dtype) {
    case DType::kBool:
      return Store<char>(value != 0, to);
    case DType::kU8:
      return Store(ToInteger<std::uint8_t>(value), to);
    case DType::kU16:
      return Store(ToInteger<std::uint16_t>(value), to);
    case DType::kU32:
      return Store(ToInteger<std::uint32_t>(value), to);
    case DType::kU64:
      return Store(ToInteger<std::uint64_t>(value), to);
    case DType::kI8:
      return Store(ToInteger<std::int8_t>(value), to);
    case DType::kI16:
      return Store(ToInteger<std::int16_t>(value), to);
    case DType::kI32:
      return Store(ToInteger<std::int32_t>(value), to);
    case DType::kI64:
      return Store(ToInteger<std::int64_t>(value), to);
    case DType::kF16:
      return Store(HalfFrom(static_cast<float>(value)), to);
    case DType::kBF16:
      return Store(BFloat16From(static_cast<float>(value)), to);
    case DType::kF32:
      return Store(static_cast<float>(value), to);
    case DType::kF64:
      return Store(value, to);
  }
}

Tensor Cast(const Tensor& tensor, DType dtype) {
  if (tensor.dtype == dtype) return tensor;
  Tensor made{dtype, tensor.shape, {}};
  std::int64_t count = tensor.Count();
  std::size_t size = SizeOf(dtype);
  made.bytes.resize(static_cast<std::size_t>(count) * size);
  for (std::int64_t i = 0; i < count; ++i)
    StoreElement(dtype, tensor.At(i), made.bytes.data() + static_cast<std::size_t>(i) * size);
  return made;
}

std::string Describe(const Tensor& tensor) {
  std::string text = std::string(NameOf(tensor.dtype)) + "[";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) text += (i ? ", " : "") + std::to_string(tensor.shape[i]);
  return text + "]";
}

std::string MethodSchema::Text() const {
  std::string text = "(";
  for (const auto& argument : arguments) {
    if (text.size() > 1) text += ", ";
    text += argument.name.empty() ? argument.type.text : argument.name + ": " + argument.type.text;
    if (argument.has_default) text += " = …";
  }
  return text + ")";
}

}  // namespace smhost
