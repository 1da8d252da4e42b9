#include <cbor.h>

#include <algorithm>

#include "api/api_time.h"
#include "api/base64.h"
#include "api/error_words.h"
#include "api/protocol_cbor.h"
#include "api/xml_text.h"
#include "base/utf8.h"

namespace smhost {
namespace {

constexpr const char* kContentType = "application/cbor";
constexpr std::uint64_t kTimeTag = 1;

// Writes one item's head, or a number, behind what there is.
template <typename Encode>
void Append(std::string& out, Encode encode) {
  unsigned char item[16];
  const std::size_t size = encode(item, sizeof item);
  out.append(reinterpret_cast<const char*>(item), size);
}

void AppendText(std::string& out, std::string_view text) {
  // What is no UTF-8 is no CBOR text either.
  const std::string mended = IsUtf8(text) ? std::string(text) : XmlText(text);
  Append(out, [&](auto* to, auto room) { return cbor_encode_string_start(mended.size(), to, room); });
  out += mended;
}

void AppendBytes(std::string& out, std::string_view bytes) {
  Append(out, [&](auto* to, auto room) { return cbor_encode_bytestring_start(bytes.size(), to, room); });
  out += bytes;
}

void AppendNumber(std::string& out, const Json& value) {
  if (value.is_number_float()) return Append(out, [&](auto* to, auto room) { return cbor_encode_double(value.get<double>(), to, room); });
  if (value.is_number_unsigned() || value.get<std::int64_t>() >= 0)
    return Append(out, [&](auto* to, auto room) { return cbor_encode_uint(value.get<std::uint64_t>(), to, room); });
  const auto negative = static_cast<std::uint64_t>(-(value.get<std::int64_t>() + 1));
  Append(out, [&](auto* to, auto room) { return cbor_encode_negint(negative, to, room); });
}

void AppendMapStart(std::string& out, std::size_t count) {
  Append(out, [&](auto* to, auto room) { return cbor_encode_map_start(count, to, room); });
}

void AppendArrayStart(std::string& out, std::size_t count) {
  Append(out, [&](auto* to, auto room) { return cbor_encode_array_start(count, to, room); });
}

std::size_t PartsThatAreThere(const Json& value) {
  return static_cast<std::size_t>(std::count_if(value.begin(), value.end(), [](const Json& one) { return !one.is_null(); }));
}

// As its own type has it.
void AppendAny(std::string& out, const Json& value) {
  if (value.is_string()) return AppendText(out, value.get_ref<const std::string&>());
  if (value.is_number()) return AppendNumber(out, value);
  if (value.is_boolean()) return Append(out, [&](auto* to, auto room) { return cbor_encode_bool(value.get<bool>(), to, room); });
  if (value.is_array()) {
    AppendArrayStart(out, value.size());
    for (const Json& one : value) AppendAny(out, one);
  } else if (value.is_object()) {
    AppendMapStart(out, value.size());
    for (const auto& [key, one] : value.items()) {
      AppendText(out, key);
      AppendAny(out, one);
    }
  } else {
    Append(out, [](auto* to, auto room) { return cbor_encode_null(to, room); });
  }
}

void AppendScalar(std::string& out, const Shape& shape, const Json& value) {
  if (shape.type == ShapeType::kTimestamp) {
    if (const auto seconds = ApiSeconds(value)) {
      Append(out, [](auto* to, auto room) { return cbor_encode_tag(kTimeTag, to, room); });
      return AppendNumber(out, ApiTime(*seconds, TimeFormat::kUnixTimestamp));
    }
  }
  if ((shape.type == ShapeType::kFloat || shape.type == ShapeType::kDouble) && value.is_number())
    return AppendNumber(out, Json(value.get<double>()));
  if (shape.type == ShapeType::kBlob && value.is_string())
    if (auto bytes = DecodeBase64(value.get_ref<const std::string&>())) return AppendBytes(out, *bytes);
  AppendAny(out, value);
}

void AppendValue(std::string& out, const Shape& shape, const Json& value);

// Without its opening, so that an error can stand before them.
std::size_t AppendMembers(std::string& out, const Shape& shape, const Json& value) {
  std::size_t count = 0;
  for (const ShapeMember& member : shape.members) {
    auto found = value.find(member.name);
    if (found == value.end() || found->is_null()) continue;
    AppendText(out, member.wire_name());
    AppendValue(out, *member.shape, *found);
    ++count;
  }
  return count;
}

void AppendStructure(std::string& out, const Shape& shape, const Json& value) {
  std::string members;
  AppendMapStart(out, AppendMembers(members, shape, value));
  out += members;
}

void AppendValue(std::string& out, const Shape& shape, const Json& value) {
  if (shape.type == ShapeType::kStructure && value.is_object()) return AppendStructure(out, shape, value);
  if (shape.type == ShapeType::kList && value.is_array()) {
    AppendArrayStart(out, PartsThatAreThere(value));
    for (const Json& one : value)
      if (!one.is_null()) AppendValue(out, *shape.element.shape, one);
  } else if (shape.type == ShapeType::kMap && value.is_object()) {
    AppendMapStart(out, PartsThatAreThere(value));
    for (const auto& [key, one] : value.items()) {
      if (one.is_null()) continue;
      AppendText(out, key);
      AppendValue(out, *shape.value.shape, one);
    }
  } else {
    AppendScalar(out, shape, value);
  }
}

ApiAnswer Answer(int status, std::string body) {
  return {status, body.empty() ? "" : kContentType, {{"smithy-protocol", "rpc-v2-cbor"}}, std::move(body)};
}

}  // namespace

ApiAnswer EncodeCborOutput(const ApiOperation& operation, const Json& output) {
  std::string body;
  if (operation.output != nullptr) AppendStructure(body, *operation.output, output.is_object() ? output : Json::object());
  return Answer(200, std::move(body));
}

ApiAnswer EncodeCborError(const ApiError& error, const ApiOperation* operation, bool query_compatible) {
  const ErrorWords words = WordsFor(error, operation);
  std::string members, body;
  std::size_t count = 1;
  AppendText(members, "__type");
  AppendText(members, words.shape);
  if (!error.message.empty()) {
    AppendText(members, words.message_member);
    AppendText(members, error.message);
    ++count;
  }
  if (words.error_shape != nullptr) count += AppendMembers(members, *words.error_shape, OtherMembers(error));
  AppendMapStart(body, count);
  ApiAnswer answer = Answer(words.status, body + members);
  if (query_compatible)
    answer.headers.emplace_back("x-amzn-query-error", words.query_code + (words.senders_fault() ? ";Sender" : ";Receiver"));
  return answer;
}

}  // namespace smhost
