#include <charconv>
#include <cmath>

#include "base/limits.h"
#include "worker/codec_formats.h"

namespace smhost {
namespace {

// numpy.genfromtxt(delimiter=","): "#" begins a comment, empty lines do not count, a field that is no number is NaN,
// and dimensions of size 1 go.
class CsvRows {
 public:
  explicit CsvRows(DType dtype) { tensor_.dtype = dtype; }

  Status Line(std::string_view line, std::size_t number) {
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) return {};
    std::int64_t fields = 0;
    for (bool more = true; more; ++fields) {
      auto comma = line.find(',');
      SMHOST_TRY_STATUS(Field(line.substr(0, comma), number, fields));
      more = comma != std::string_view::npos;
      if (more) line.remove_prefix(comma + 1);
    }
    if (rows_ > 0 && fields != columns_)
      return Fail(Code::kInvalid, "the request, line " + std::to_string(number) + ": " + std::to_string(fields) +
                                      " fields where the lines before have " + std::to_string(columns_));
    columns_ = fields;
    ++rows_;
    return {};
  }

  Tensor Take() {
    if (rows_ == 0) tensor_.shape = {0};
    if (rows_ > 1) tensor_.shape.push_back(rows_);
    if (rows_ > 0 && columns_ > 1) tensor_.shape.push_back(columns_);
    return std::move(tensor_);
  }

 private:
  Status Field(std::string_view text, std::size_t line, std::int64_t column) {
    double value = std::nan("");
    bool number = ParseFloat(text, value);
    if (!IsFloating(tensor_.dtype) && (!number || !std::isfinite(value)))
      return Fail(Code::kInvalid, "the request, line " + std::to_string(line) + ", field " +
                                      std::to_string(column + 1) + ": \"" + std::string(text.substr(0, 40)) +
                                      "\" is no " + NameOf(tensor_.dtype));
    char room[8];
    StoreElement(tensor_.dtype, number ? value : std::nan(""), room);
    tensor_.bytes.append(room, SizeOf(tensor_.dtype));
    return {};
  }

  Tensor tensor_;
  std::int64_t rows_ = 0, columns_ = 0;
};

// numpy's "%s" of an element.
void AppendElement(const Tensor& tensor, std::int64_t index, std::string& out) {
  const char* at = tensor.bytes.data() + static_cast<std::size_t>(index) * SizeOf(tensor.dtype);
  char room[24];
  switch (tensor.dtype) {
    case DType::kBool:
      return void(out += *at != 0 ? "True" : "False");
    case DType::kU64: {
      std::uint64_t value;
      std::memcpy(&value, at, sizeof value);
      return void(out.append(room, std::to_chars(room, room + sizeof room, value).ptr));
    }
    case DType::kI64: {
      std::int64_t value;
      std::memcpy(&value, at, sizeof value);
      return void(out.append(room, std::to_chars(room, room + sizeof room, value).ptr));
    }
    case DType::kF64:
      return AppendDouble(tensor.At(index), out);
    default:
      break;
  }
  double value = tensor.At(index);
  if (IsFloating(tensor.dtype)) return AppendFloat(static_cast<float>(value), out);
  out.append(room, std::to_chars(room, room + sizeof room, static_cast<std::int64_t>(value)).ptr);
}

}  // namespace

Result<Tensor> DecodeCsv(std::string_view body, DType dtype) {
  CsvRows rows(dtype);
  for (std::size_t number = 1; !body.empty(); ++number) {
    auto end = body.find('\n');
    SMHOST_TRY_STATUS(rows.Line(body.substr(0, end), number));
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
  }
  return rows.Take();
}

Result<std::string> EncodeCsv(const Value& value) {
  SMHOST_TRY(Tensor array, AsArray(value));
  if (array.shape.size() > 2)
    return Fail(Code::kUnsupported, "the model's answer is " + Describe(array) +
                                        ": text/csv holds one or two dimensions; ask for application/json");
  std::int64_t columns = array.shape.size() == 2 ? array.shape[1] : 1, count = array.Count();
  std::string out;
  for (std::int64_t i = 0; i < count; ++i) {
    AppendElement(array, i, out);
    out += (i + 1) % columns == 0 ? '\n' : ',';
    if (out.size() > limits::kModelOutputBytes)
      return Fail(Code::kTooLarge,
                  "the model's answer is larger than " + std::to_string(limits::kModelOutputBytes) + " bytes");
  }
  return out;
}

}  // namespace smhost
