#include "worker/codec_json_tensor.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "worker/codec_formats.h"

namespace smhost {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t kMostDimensions = 64;      // torch's own limit
constexpr std::size_t kMostElements = 0xffffff;  // simdjson's size() stops counting there

class TensorReader {
 public:
  TensorReader(DType dtype, const Place& place) : place_(place) { tensor_.dtype = dtype; }

  Result<Tensor> Read(element value) {
    SMHOST_TRY_STATUS(FindShape(value));
    tensor_.bytes.reserve(static_cast<std::size_t>(std::max<std::int64_t>(tensor_.Count(), 0)) * SizeOf(tensor_.dtype));
    SMHOST_TRY_STATUS(Walk(value, 0));
    return std::move(tensor_);
  }

 private:
  Status FindShape(element value) {
    while (value.is_array()) {
      if (tensor_.shape.size() == kMostDimensions) return place_.Wrong("lists more than 64 deep");
      auto list = ListOf(value);
      if (list.size() >= kMostElements) return place_.Wrong("a list of more than 16 million elements");
      tensor_.shape.push_back(static_cast<std::int64_t>(list.size()));
      if (list.begin() == list.end()) break;
      value = *list.begin();
    }
    at_.resize(tensor_.shape.size());
    return {};
  }

  Status Walk(element value, std::size_t depth) {
    if (depth == tensor_.shape.size()) return Append(value, depth);
    if (!value.is_array())
      return Wrong(depth, std::string("a list is wanted as at its neighbours, there is ") + WordFor(value));
    auto list = ListOf(value);
    auto size = static_cast<std::int64_t>(list.size());
    if (size != tensor_.shape[depth])
      return Wrong(
          depth, std::to_string(size) + " elements where its neighbours have " + std::to_string(tensor_.shape[depth]));
    at_[depth] = 0;
    for (element item : list) {
      SMHOST_TRY_STATUS(Walk(item, depth + 1));
      ++at_[depth];
    }
    return {};
  }

  Status Append(element value, std::size_t depth) {
    switch (value.type()) {
      case element_type::DOUBLE:
        return Put(value.get_double().value_unsafe(), depth);
      case element_type::INT64:
        return PutInteger(value.get_int64().value_unsafe(), depth);
      case element_type::UINT64:
        return PutUnsigned(value.get_uint64().value_unsafe(), depth);
      case element_type::BOOL:
        return PutInteger(value.get_bool().value_unsafe() ? 1 : 0, depth);
      case element_type::NULL_VALUE:
        if (IsFloating(tensor_.dtype)) return Put(std::nan(""), depth);
        return Wrong(depth, std::string("null is no ") + NameOf(tensor_.dtype));
      case element_type::STRING:
        return PutText(value.get_string().value_unsafe(), depth);
      default:
        return Wrong(depth, std::string("a number is wanted, there is ") + WordFor(value));
    }
  }

  template <typename T>
  void Raw(T value) {
    tensor_.bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  Status Put(double value, std::size_t depth) {
    if (tensor_.dtype == DType::kF32) return Raw(static_cast<float>(value)), Status();
    if (!IsFloating(tensor_.dtype) && tensor_.dtype != DType::kBool) {
      if (value != std::floor(value)) return Wrong(depth, std::string("a fraction is no ") + NameOf(tensor_.dtype));
      if (std::abs(value) < 9.0e18) return PutInteger(static_cast<std::int64_t>(value), depth);
      return OutOfRange(depth);
    }
    char room[8];
    StoreElement(tensor_.dtype, value, room);
    tensor_.bytes.append(room, SizeOf(tensor_.dtype));
    return {};
  }

  template <typename T>
  Status PutAs(std::int64_t value, std::size_t depth) {
    if (!std::in_range<T>(value)) return OutOfRange(depth);
    return Raw(static_cast<T>(value)), Status();
  }

  Status PutInteger(std::int64_t value, std::size_t depth) {
    switch (tensor_.dtype) {
      case DType::kU8:
        return PutAs<std::uint8_t>(value, depth);
      case DType::kU16:
        return PutAs<std::uint16_t>(value, depth);
      case DType::kU32:
        return PutAs<std::uint32_t>(value, depth);
      case DType::kU64:
        return PutAs<std::uint64_t>(value, depth);
      case DType::kI8:
        return PutAs<std::int8_t>(value, depth);
      case DType::kI16:
        return PutAs<std::int16_t>(value, depth);
      case DType::kI32:
        return PutAs<std::int32_t>(value, depth);
      case DType::kI64:
        return PutAs<std::int64_t>(value, depth);
      default:
        return Put(static_cast<double>(value), depth);
    }
  }

  Status PutUnsigned(std::uint64_t value, std::size_t depth) {
    if (tensor_.dtype == DType::kU64) return Raw(value), Status();
    if (IsFloating(tensor_.dtype) || tensor_.dtype == DType::kBool) return Put(static_cast<double>(value), depth);
    return OutOfRange(depth);
  }

  // numpy reads numbers out of strings, and that is how infinities come (see NonFiniteAsStrings).
  Status PutText(std::string_view text, std::size_t depth) {
    double value = 0;
    if (ParseFloat(text, value) && (IsFloating(tensor_.dtype) || std::isfinite(value))) return Put(value, depth);
    return Wrong(depth, "a number is wanted, there is the string \"" + std::string(text.substr(0, 40)) + "\"");
  }

  tl::unexpected<Error> OutOfRange(std::size_t depth) {
    return Wrong(depth, std::string("the number is out of the range of ") + NameOf(tensor_.dtype));
  }
  tl::unexpected<Error> Wrong(std::size_t depth, const std::string& what) {
    std::string where = place_.text();
    for (std::size_t i = 0; i < depth; ++i) where += "[" + std::to_string(at_[i]) + "]";
    return Fail(Code::kInvalid, where + ": " + what);
  }

  const Place& place_;
  Tensor tensor_;
  std::vector<std::int64_t> at_;
};

}  // namespace

const char* WordFor(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "true or false";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

Result<Tensor> ReadJsonTensor(element value, DType dtype, const Place& place) {
  return TensorReader(dtype, place).Read(value);
}

}  // namespace smhost
