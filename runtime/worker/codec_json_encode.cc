#include <charconv>
#include <cmath>

#include "base/limits.h"
#include "worker/codec_formats.h"

namespace smhost {
namespace {

constexpr int kMostDepth = limits::kJsonDepth;

template <typename T>
T ElementOf(const Tensor& tensor, std::int64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

// As Python's json.dumps writes it, ", " and ": " between, everything ASCII.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Status Write(const Value& value, int depth) {
    if (depth > kMostDepth) return Fail(Code::kUnsupported, "the model's answer is nested too deep for JSON");
    if (out_.size() > limits::kModelOutputBytes) return TooLarge();
    if (value.As<None>()) return out_ += "null", Status();
    if (auto* flag = value.As<bool>()) return Bool(*flag), Status();
    if (auto* number = value.As<std::int64_t>()) return Integer(*number), Status();
    if (auto* number = value.As<double>()) return Number(*number), Status();
    if (auto* text = value.As<std::string>()) return Text(*text), Status();
    if (auto* tensor = value.As<Tensor>()) {
      std::int64_t next = 0;
      return WriteTensor(*tensor, 0, next);
    }
    if (auto* list = value.As<List>()) return WriteList(*list, depth);
    return WriteDictionary(*value.As<Dictionary>(), depth);
  }

 private:
  static tl::unexpected<Error> TooLarge() {
    return Fail(Code::kTooLarge,
                "the model's answer is larger than " + std::to_string(limits::kModelOutputBytes) + " bytes");
  }

  void Bool(bool value) { out_ += value ? "true" : "false"; }

  template <typename T>
  void Integer(T value) {
    char room[24];
    out_.append(room, std::to_chars(room, room + sizeof room, value).ptr);
  }

  template <typename T>
  void Number(T value) {
    if (std::isnan(value)) return void(out_ += "NaN");
    if (std::isinf(value)) return void(out_ += value < 0 ? "-Infinity" : "Infinity");
    if constexpr (sizeof(T) == sizeof(float))
      AppendFloat(value, out_);
    else
      AppendDouble(value, out_);
  }

  void Escape(unsigned code) {
    constexpr char kDigits[] = "0123456789abcdef";
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out_ += kDigits[(code >> shift) & 15];
  }

  void Text(const std::string& text) {
    out_ += '"';
    for (std::size_t i = 0; i < text.size();) i += Character(std::string_view(text).substr(i));
    out_ += '"';
  }

  // Writes the first character, gives its length. Bytes that are no UTF-8 become U+FFFD.
  std::size_t Character(std::string_view rest) {
    auto byte = static_cast<unsigned char>(rest[0]);
    if (byte < 0x80) return Ascii(rest[0]), 1;
    std::size_t size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    unsigned code = byte & (0xffu >> (size + 1));
    if (byte < 0xc2 || byte > 0xf4 || rest.size() < size) return Escape(0xfffd), 1;
    for (std::size_t i = 1; i < size; ++i) {
      if ((rest[i] & 0xc0) != 0x80) return Escape(0xfffd), 1;
      code = code << 6 | (static_cast<unsigned char>(rest[i]) & 0x3f);
    }
    if (code >= 0x10000) {
      Escape(0xd800 + ((code - 0x10000) >> 10));
      Escape(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      Escape(code);
    }
    return size;
  }

  void Ascii(char c) {
    switch (c) {
      case '"':
        return void(out_ += "\\\"");
      case '\\':
        return void(out_ += "\\\\");
      case '\n':
        return void(out_ += "\\n");
      case '\r':
        return void(out_ += "\\r");
      case '\t':
        return void(out_ += "\\t");
      case '\f':
        return void(out_ += "\\f");
      case '\b':
        return void(out_ += "\\b");
      default:
        break;
    }
    if (static_cast<unsigned char>(c) < 0x20) return Escape(static_cast<unsigned char>(c));
    out_ += c;
  }

  void Element(const Tensor& tensor, std::int64_t i) {
    switch (tensor.dtype) {
      case DType::kBool:
        return Bool(ElementOf<std::uint8_t>(tensor, i) != 0);
      case DType::kU8:
        return Integer(ElementOf<std::uint8_t>(tensor, i));
      case DType::kU16:
        return Integer(ElementOf<std::uint16_t>(tensor, i));
      case DType::kU32:
        return Integer(ElementOf<std::uint32_t>(tensor, i));
      case DType::kU64:
        return Integer(ElementOf<std::uint64_t>(tensor, i));
      case DType::kI8:
        return Integer(ElementOf<std::int8_t>(tensor, i));
      case DType::kI16:
        return Integer(ElementOf<std::int16_t>(tensor, i));
      case DType::kI32:
        return Integer(ElementOf<std::int32_t>(tensor, i));
      case DType::kI64:
        return Integer(ElementOf<std::int64_t>(tensor, i));
      case DType::kF16:
        return Number(FloatFromHalf(ElementOf<std::uint16_t>(tensor, i)));
      case DType::kBF16:
        return Number(FloatFromBFloat16(ElementOf<std::uint16_t>(tensor, i)));
      case DType::kF32:
        return Number(ElementOf<float>(tensor, i));
      case DType::kF64:
        return Number(ElementOf<double>(tensor, i));
    }
  }

  Status WriteTensor(const Tensor& tensor, std::size_t dimension, std::int64_t& next) {
    if (dimension == tensor.shape.size()) return Element(tensor, next++), Status();
    out_ += '[';
    for (std::int64_t i = 0; i < tensor.shape[dimension]; ++i) {
      if (i > 0) out_ += ", ";
      SMHOST_TRY_STATUS(WriteTensor(tensor, dimension + 1, next));
      if (out_.size() > limits::kModelOutputBytes) return TooLarge();
    }
    out_ += ']';
    return {};
  }

  Status WriteList(const List& list, int depth) {
    out_ += '[';
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      if (i > 0) out_ += ", ";
      SMHOST_TRY_STATUS(Write(list.items[i], depth + 1));
    }
    out_ += ']';
    return {};
  }

  // Keys that are no strings become strings, as Python does it.
  Status WriteKey(const Value& key) {
    if (auto* text = key.As<std::string>()) return Text(*text), Status();
    out_ += '"';
    if (key.As<Tensor>() || key.As<List>() || key.As<Dictionary>())
      return Fail(Code::kUnsupported, "the model's answer has a key that JSON cannot hold");
    SMHOST_TRY_STATUS(Write(key, 0));
    out_ += '"';
    return {};
  }

  Status WriteDictionary(const Dictionary& dictionary, int depth) {
    out_ += '{';
    for (std::size_t i = 0; i < dictionary.items.size(); ++i) {
      if (i > 0) out_ += ", ";
      SMHOST_TRY_STATUS(WriteKey(dictionary.items[i].first));
      out_ += ": ";
      SMHOST_TRY_STATUS(Write(dictionary.items[i].second, depth + 1));
    }
    out_ += '}';
    return {};
  }

  std::string& out_;
};

}  // namespace

Result<std::string> EncodeJson(const Value& value) {
  std::string out;
  SMHOST_TRY_STATUS(Writer(out).Write(value, 0));
  if (out.size() > limits::kModelOutputBytes)
    return Fail(Code::kTooLarge,
                "the model's answer is larger than " + std::to_string(limits::kModelOutputBytes) + " bytes");
  return out;
}

}  // namespace smhost
