#include "base/limits.h"
#include "worker/codec_formats.h"

namespace smhost {
namespace {

template <typename T>
Tensor Scalar(DType dtype, T value) {
  return {dtype, {}, std::string(reinterpret_cast<const char*>(&value), sizeof value)};
}

// Of two types in one list: the one that numpy would make of both as Python numbers.
DType Common(DType a, DType b) {
  if (a == b) return a;
  if (IsFloating(a) || IsFloating(b)) return DType::kF64;
  return DType::kI64;
}

Result<Tensor> Stack(std::vector<Tensor> parts) {
  Tensor stacked;
  stacked.dtype = parts.empty() ? DType::kF64 : parts[0].dtype;
  if (!parts.empty()) stacked.shape = parts[0].shape;
  for (const auto& part : parts) {
    if (part.shape != parts[0].shape)
      return Fail(Code::kUnsupported, "the model's answer holds parts of different shapes, " + Describe(parts[0]) +
                                          " and " + Describe(part) + ", which only application/json can hold");
    stacked.dtype = Common(stacked.dtype, part.dtype);
  }
  stacked.shape.insert(stacked.shape.begin(), static_cast<std::int64_t>(parts.size()));
  for (const auto& part : parts) stacked.bytes += Cast(part, stacked.dtype).bytes;
  return stacked;
}

}  // namespace

Result<Tensor> AsArray(const Value& value) {
  if (auto* tensor = value.As<Tensor>()) return *tensor;
  if (auto* flag = value.As<bool>()) return Scalar(DType::kBool, *flag);
  if (auto* number = value.As<std::int64_t>()) return Scalar(DType::kI64, *number);
  if (auto* number = value.As<double>()) return Scalar(DType::kF64, *number);
  const List* list = value.As<List>();
  if (list == nullptr)
    return Fail(Code::kUnsupported,
                "the model's answer holds text, nothing or names, which only application/json can hold");
  std::vector<Tensor> parts;
  for (const auto& item : list->items) {
    SMHOST_TRY(Tensor part, AsArray(item));
    parts.push_back(std::move(part));
  }
  return Stack(std::move(parts));
}

}  // namespace smhost
