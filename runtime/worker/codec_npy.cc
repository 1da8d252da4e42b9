#include <algorithm>
#include <bit>
#include <charconv>

#include "base/limits.h"
#include "worker/codec_formats.h"

namespace smhost {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostNpyDimensions = 64;
constexpr std::size_t kAlignment = 64;  // of the data, as numpy writes it

tl::unexpected<Error> Bad(const std::string& what) {
  return Fail(Code::kInvalid, "the request is not a readable npy file: " + what);
}

struct Header {
  char order = '<';
  DType dtype = DType::kF32;
  bool fortran = false;
  std::vector<std::int64_t> shape;
};

std::optional<DType> DTypeOf(std::string_view code) {
  constexpr std::pair<std::string_view, DType> kCodes[] = {
      {"b1", DType::kBool}, {"u1", DType::kU8},  {"u2", DType::kU16}, {"u4", DType::kU32},
      {"u8", DType::kU64},  {"i1", DType::kI8},  {"i2", DType::kI16}, {"i4", DType::kI32},
      {"i8", DType::kI64},  {"f2", DType::kF16}, {"f4", DType::kF32}, {"f8", DType::kF64}};
  for (auto [name, dtype] : kCodes)
    if (name == code) return dtype;
  return std::nullopt;
}

// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } and nothing more of Python.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  Result<Header> Read() {
    Header header;
    bool descr = false, order = false, shape = false;
    if (!Take('{')) return Bad("its header is no dictionary");
    while (!Take('}')) {
      SMHOST_TRY(std::string key, Text());
      if (!Take(':')) return Bad("its header is broken");
      if (key == "descr" && !std::exchange(descr, true)) {
        SMHOST_TRY_STATUS(ReadDescr(header));
      } else if (key == "fortran_order" && !std::exchange(order, true)) {
        SMHOST_TRY_STATUS(ReadOrder(header));
      } else if (key == "shape" && !std::exchange(shape, true)) {
        SMHOST_TRY_STATUS(ReadShape(header));
      } else {
        return Bad("its header has the key '" + key + "' which does not belong there");
      }
      Take(',');
    }
    if (!descr || !order || !shape) return Bad("its header lacks descr, fortran_order or shape");
    return header;
  }

 private:
  void Blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool Take(char c) {
    Blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    Blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  Result<std::string> Text() {
    Blanks();
    char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') return Bad("its header is broken, or its type is a structure");
    auto end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return Bad("its header is broken");
    std::string text(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return text;
  }
  Status ReadDescr(Header& header) {
    SMHOST_TRY(std::string text, Text());
    bool ordered = !text.empty() && std::string_view("<>|=").find(text[0]) != std::string_view::npos;
    auto dtype = DTypeOf(std::string_view(text).substr(ordered ? 1 : 0));
    if (!dtype)
      return Bad("its type is '" + text.substr(0, 40) +
                 "'; numbers of 1 to 8 bytes (f2 f4 f8 i1 … u8) and b1 can be read");
    header.order = ordered ? text[0] : '=';
    header.dtype = *dtype;
    return {};
  }
  Status ReadOrder(Header& header) {
    header.fortran = TakeWord("True");
    if (!header.fortran && !TakeWord("False")) return Bad("fortran_order is neither True nor False");
    return {};
  }
  Status ReadShape(Header& header) {
    if (!Take('(')) return Bad("shape is no tuple");
    while (!Take(')')) {
      Blanks();
      std::int64_t size = -1;
      auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0 || header.shape.size() == kMostNpyDimensions) return Bad("shape is broken");
      at_ = static_cast<std::size_t>(end - text_.data());
      TakeWord("L");  // Python 2's long
      header.shape.push_back(size);
      Take(',');
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// How many bytes the shape asks for; nothing where that is more than any request can hold.
std::optional<std::size_t> BytesFor(const Header& header) {
  std::size_t bytes = SizeOf(header.dtype);
  bool empty = std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end();
  for (std::int64_t size : header.shape) {
    if (!empty && static_cast<std::size_t>(size) > limits::kFrameBodyBytes / bytes) return std::nullopt;
    bytes *= static_cast<std::size_t>(size);
  }
  return empty ? 0 : bytes;
}

void SwapBytes(Tensor& tensor) {
  std::size_t size = SizeOf(tensor.dtype);
  for (std::size_t at = 0; at + size <= tensor.bytes.size(); at += size)
    std::reverse(tensor.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 tensor.bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
}

// From column-major to row-major.
std::string Transposed(const Tensor& tensor) {
  std::size_t size = SizeOf(tensor.dtype), dimensions = tensor.shape.size();
  std::string bytes(tensor.bytes.size(), '\0');
  std::vector<std::int64_t> at(dimensions, 0);
  for (std::size_t to = 0; to < bytes.size(); to += size) {
    std::int64_t from = 0, step = 1;
    for (std::size_t d = 0; d < dimensions; step *= tensor.shape[d++]) from += at[d] * step;
    std::memcpy(bytes.data() + to, tensor.bytes.data() + static_cast<std::size_t>(from) * size, size);
    for (std::size_t d = dimensions; d-- > 0;) {
      if (++at[d] < tensor.shape[d]) break;
      at[d] = 0;
    }
  }
  return bytes;
}

template <typename T>
T LittleEndian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i]));
  return value;
}

// numpy makes float64, int64 or bool of a list, whatever the tensor was.
DType ListDType(DType dtype) {
  if (dtype == DType::kBool) return DType::kBool;
  if (dtype == DType::kU64) return DType::kU64;
  return IsFloating(dtype) ? DType::kF64 : DType::kI64;
}

}  // namespace

Result<Tensor> DecodeNpy(std::string_view body) {
  if (body.size() < 10 || body.substr(0, 6) != kMagic) return Bad("it does not begin with \\x93NUMPY");
  int version = body[6];
  if (version < 1 || version > 3) return Bad("its version is " + std::to_string(version) + "; 1 to 3 can be read");
  std::size_t prefix = version == 1 ? 10 : 12;
  if (body.size() < prefix) return Bad("it ends within its header");
  std::size_t length =
      version == 1 ? LittleEndian<std::uint16_t>(body.substr(8, 2)) : LittleEndian<std::uint32_t>(body.substr(8, 4));
  if (length > body.size() - prefix) return Bad("it ends within its header");
  SMHOST_TRY(Header header, HeaderReader(body.substr(prefix, length)).Read());
  std::string_view data = body.substr(prefix + length);
  auto bytes = BytesFor(header);
  if (!bytes || data.size() < *bytes)
    return Bad("its shape asks for more bytes than the " + std::to_string(data.size()) + " that follow the header");
  Tensor tensor{header.dtype, header.shape, std::string(data.substr(0, *bytes))};
  static_assert(std::endian::native == std::endian::little);
  if (header.order == '>') SwapBytes(tensor);
  if (header.fortran && tensor.shape.size() > 1) tensor.bytes = Transposed(tensor);
  return tensor;
}

Result<std::string> EncodeNpy(const Value& value) {
  SMHOST_TRY(Tensor array, AsArray(value));
  array = Cast(array, ListDType(array.dtype));
  if (array.bytes.size() > limits::kModelOutputBytes)
    return Fail(Code::kTooLarge,
                "the model's answer is larger than " + std::to_string(limits::kModelOutputBytes) + " bytes");
  const char* code = array.dtype == DType::kBool  ? "|b1"
                     : array.dtype == DType::kU64 ? "<u8"
                     : array.dtype == DType::kI64 ? "<i8"
                                                  : "<f8";
  std::string header = std::string("{'descr': '") + code + "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < array.shape.size(); ++i) header += (i ? ", " : "") + std::to_string(array.shape[i]);
  header += array.shape.size() == 1 ? ",), }" : "), }";
  std::size_t whole = (kMagic.size() + 4 + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  header.append(whole - kMagic.size() - 4 - header.size() - 1, ' ').append("\n");
  std::string out(kMagic);
  out += '\1';
  out += '\0';
  out += static_cast<char>(header.size() & 0xff);
  out += static_cast<char>(header.size() >> 8);
  return out + header + array.bytes;
}

}  // namespace smhost
