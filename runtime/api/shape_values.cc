#include "api/shape_values.h"

#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

#include "api/api_time.h"
#include "api/base64.h"

namespace smhost {
namespace {

const char* TypeWord(ShapeType type) {
  switch (type) {
    case ShapeType::kStructure:
    case ShapeType::kMap: return "Map";
    case ShapeType::kList: return "List";
    case ShapeType::kString: return "String";
    case ShapeType::kInteger: return "Integer";
    case ShapeType::kLong: return "Long";
    case ShapeType::kFloat: return "Float";
    case ShapeType::kDouble: return "Double";
    case ShapeType::kBoolean: return "Boolean";
    case ShapeType::kTimestamp: return "Timestamp";
    case ShapeType::kBlob: return "Blob";
    case ShapeType::kDocument: break;
  }
  return "Document";
}

// AWS's words for what it read, with the place, which AWS leaves out.
tl::unexpected<ApiError> WrongType(const Json& sent, const ShapeUse& use, const std::string& path) {
  std::string words;
  if (sent.is_object()) {
    words = "Start of structure or map found where not expected";
  } else if (sent.is_array()) {
    words = "Start of list found where not expected";
  } else {
    const char* token = sent.is_string()    ? "STRING_VALUE"
                        : sent.is_boolean() ? (sent.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE")
                        : sent.is_number()  ? "NUMBER_VALUE"
                                            : "BYTES_VALUE";
    words = std::string(token) + " cannot be converted to " + TypeWord(use.shape->type);
  }
  return ApiFail("SerializationException", words + (path.empty() ? "" : ", at '" + path + "'"));
}

std::optional<double> NumberWord(const std::string& word) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (word == "Infinity") return kInfinity;
  if (word == "-Infinity") return -kInfinity;
  return std::nullopt;
}

std::optional<std::int64_t> WholeNumber(const Json& sent, ShapeType type) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (!sent.is_number()) return std::nullopt;
  if (sent.is_number_unsigned() && sent.get<std::uint64_t>() > static_cast<std::uint64_t>(kMost)) return std::nullopt;
  if (sent.is_number_float()) {
    const double number = sent.get<double>();
    if (std::floor(number) != number || !(number >= -0x1p63 && number < 0x1p63)) return std::nullopt;
  }
  const auto whole = sent.get<std::int64_t>();
  const bool fits = type == ShapeType::kLong || (whole >= std::numeric_limits<std::int32_t>::min() &&
                                                 whole <= std::numeric_limits<std::int32_t>::max());
  return fits ? std::optional(whole) : std::nullopt;
}

ApiResult<Json> Read(const ShapeUse& use, const Json& sent, const std::string& path);

ApiResult<Json> ReadScalar(const ShapeUse& use, const Json& sent, const std::string& path) {
  const ShapeType type = use.shape->type;
  switch (type) {
    case ShapeType::kString:
      if (sent.is_string()) return sent;
      break;
    case ShapeType::kInteger:
    case ShapeType::kLong:
      if (auto whole = WholeNumber(sent, type)) return Json(*whole);
      break;
    case ShapeType::kFloat:
    case ShapeType::kDouble:
      if (sent.is_number()) return Json(sent.get<double>());
      if (sent.is_string())
        if (auto number = NumberWord(sent.get_ref<const std::string&>())) return Json(*number);
      break;
    case ShapeType::kBoolean:
      if (sent.is_boolean()) return sent;
      break;
    case ShapeType::kTimestamp:
      if (auto seconds = ApiSeconds(sent)) return ApiTime(*seconds, TimeFormat::kUnixTimestamp);
      break;
    case ShapeType::kBlob:
      if (sent.is_string()) return sent;
      if (sent.is_binary()) return Json(EncodeBase64({reinterpret_cast<const char*>(sent.get_binary().data()), sent.get_binary().size()}));
      break;
    default: return sent;
  }
  return WrongType(sent, use, path);
}

ApiResult<Json> ReadStructure(const ShapeUse& use, const Json& sent, const std::string& path) {
  if (!sent.is_object()) return WrongType(sent, use, path);
  Json read = Json::object();
  for (const ShapeMember& member : use.shape->members) {
    auto found = sent.find(member.wire_name());
    if (found == sent.end() || found->is_null()) continue;
    ApiResult<Json> value = Read(member, *found, MemberPath(path, member.name));
    if (!value) return value;
    read[member.name] = std::move(*value);
  }
  return read;
}

ApiResult<Json> ReadList(const ShapeUse& use, const Json& sent, const std::string& path) {
  if (!sent.is_array()) return WrongType(sent, use, path);
  Json read = Json::array();
  for (std::size_t i = 0; i < sent.size(); ++i) {
    ApiResult<Json> value = Read(use.shape->element, sent[i], ElementPath(path, i));
    if (!value) return value;
    read.push_back(std::move(*value));
  }
  return read;
}

ApiResult<Json> ReadMap(const ShapeUse& use, const Json& sent, const std::string& path) {
  if (!sent.is_object()) return WrongType(sent, use, path);
  Json read = Json::object();
  for (const auto& [key, entry] : sent.items()) {
    ApiResult<Json> value = Read(use.shape->value, entry, EntryPath(path, key));
    if (!value) return value;
    read[key] = std::move(*value);
  }
  return read;
}

ApiResult<Json> Read(const ShapeUse& use, const Json& sent, const std::string& path) {
  if (sent.is_null()) return Json();
  switch (use.shape->type) {
    case ShapeType::kStructure: return ReadStructure(use, sent, path);
    case ShapeType::kList: return ReadList(use, sent, path);
    case ShapeType::kMap: return ReadMap(use, sent, path);
    default: return ReadScalar(use, sent, path);
  }
}

Json Write(const ShapeUse& use, const Json& value);

Json WriteScalar(const ShapeUse& use, const Json& value) {
  if (use.shape->type == ShapeType::kTimestamp) {
    const TimeFormat format = use.time_format == TimeFormat::kDefault ? TimeFormat::kUnixTimestamp : use.time_format;
    const auto seconds = ApiSeconds(value);
    return seconds ? ApiTime(*seconds, format) : Json();
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  }
  return value;
}

Json Write(const ShapeUse& use, const Json& value) {
  const Shape& shape = *use.shape;
  if (shape.type == ShapeType::kStructure && value.is_object()) {
    Json written = Json::object();
    for (const ShapeMember& member : shape.members) {
      auto found = value.find(member.name);
      Json one = found == value.end() ? Json() : Write(member, *found);
      if (!one.is_null()) written[member.wire_name()] = std::move(one);
    }
    return written;
  }
  if (shape.type == ShapeType::kList && value.is_array()) {
    Json written = Json::array();
    for (const Json& element : value)
      if (Json one = Write(shape.element, element); !one.is_null()) written.push_back(std::move(one));
    return written;
  }
  if (shape.type == ShapeType::kMap && value.is_object()) {
    Json written = Json::object();
    for (const auto& [key, entry] : value.items())
      if (Json one = Write(shape.value, entry); !one.is_null()) written[key] = std::move(one);
    return written;
  }
  return WriteScalar(use, value);
}

}  // namespace

ApiResult<Json> ReadInput(const Shape& shape, const Json& sent) {
  ShapeUse use;
  use.shape = &shape;
  return Read(use, sent.is_null() ? Json::object() : sent, "");
}

Json JsonOutput(const Shape& shape, const Json& value) {
  ShapeUse use;
  use.shape = &shape;
  return Write(use, value.is_null() ? Json::object() : value);
}

std::string MemberPath(const std::string& path, std::string_view member) {
  std::string lower(member);
  if (!lower.empty()) lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
  return path.empty() ? lower : path + "." + lower;
}

std::string ElementPath(const std::string& path, std::size_t index) { return path + "." + std::to_string(index + 1) + ".member"; }

std::string EntryPath(const std::string& path, std::string_view key) { return path + "." + std::string(key) + ".member"; }

}  // namespace smhost
