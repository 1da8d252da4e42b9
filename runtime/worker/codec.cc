#include "worker/codec.h"

#include "base/limits.h"
#include "worker/codec_formats.h"

namespace smhost {
namespace {

constexpr ContentType kTypes[] = {ContentType::kJson, ContentType::kCsv, ContentType::kNpy};
constexpr const char* kAllTypes = "application/json, text/csv and application/x-npy";

std::optional<ContentType> Find(std::string_view text) {
  for (ContentType type : kTypes)
    if (text == NameOf(type)) return type;
  return std::nullopt;
}

std::string_view Trim(std::string_view text) {
  auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// CSV and npy hold one array: it is the first argument, and the others must be able to stay away.
Result<Arguments> AsFirstArgument(Tensor tensor, const MethodSchema& schema) {
  if (schema.arguments.empty())
    return Fail(Code::kInvalid, "the model's method takes no argument, the request holds one");
  auto kind = schema.arguments[0].type.kind;
  if (kind != TypeSpec::Kind::kTensor && kind != TypeSpec::Kind::kAny)
    return Fail(Code::kInvalid, "the model's method takes " + schema.Text() +
                                    ": its first argument is no tensor; send application/json");
  for (std::size_t i = 1; i < schema.arguments.size(); ++i)
    if (!schema.arguments[i].has_default)
      return Fail(Code::kInvalid, "the model's method takes several arguments, " + schema.Text() +
                                      ": send application/json with {\"inputs\": […]}");
  Arguments arguments;
  arguments.push_back(Value{std::move(tensor)});
  return arguments;
}

}  // namespace

const char* NameOf(ContentType type) {
  switch (type) {
    case ContentType::kJson:
      return "application/json";
    case ContentType::kCsv:
      return "text/csv";
    case ContentType::kNpy:
      return "application/x-npy";
  }
  return "";
}

Result<ContentType> ParseContentType(std::string_view header) {
  if (auto type = Find(header)) return *type;
  std::string message = header.empty()
                            ? "the request has no Content-Type"
                            : "the Content-Type \"" + std::string(header.substr(0, 200)) + "\" is not supported";
  message += std::string("; the model takes ") + kAllTypes;
  if (Find(Trim(header.substr(0, header.find(';'))))) message += ", exactly so, without parameters such as charset";
  return Fail(Code::kUnsupported, message);
}

Result<ContentType> ChooseAnswerType(std::string_view accept, std::string_view fallback) {
  std::string_view wanted = Trim(accept);
  if (wanted.empty() || wanted == "*/*") wanted = fallback;
  for (std::string_view rest = wanted; !rest.empty();) {
    auto comma = rest.find(',');
    std::string_view one = Trim(rest.substr(0, comma));
    if (auto type = Find(one)) return *type;
    if (one == "*/*") return ChooseAnswerType("", fallback);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return Fail(Code::kUnsupported, "the answer cannot be given as \"" + std::string(wanted.substr(0, 200)) +
                                      "\" (Accept); the model gives " + kAllTypes);
}

Result<ContentType> ContentTypeOfFile(std::string_view name) {
  auto dot = name.find_last_of("./");
  std::string_view ending = dot == std::string_view::npos ? "" : name.substr(dot);
  if (ending == ".json") return ContentType::kJson;
  if (ending == ".csv") return ContentType::kCsv;
  if (ending == ".npy") return ContentType::kNpy;
  return Fail(Code::kInvalid, "a file that ends in .json, .csv or .npy is wanted");
}

Result<Arguments> DecodeRequest(ContentType type, std::string_view body, const MethodSchema& schema,
                                std::optional<DType> dtype) {
  if (type == ContentType::kJson) return DecodeJson(body, schema, dtype);
  if (type == ContentType::kCsv) {
    SMHOST_TRY(Tensor tensor, DecodeCsv(body, dtype.value_or(DType::kF32)));
    return AsFirstArgument(std::move(tensor), schema);
  }
  SMHOST_TRY(Tensor tensor, DecodeNpy(body));
  return AsFirstArgument(dtype ? Cast(tensor, *dtype) : std::move(tensor), schema);
}

Result<std::string> EncodeAnswer(const Value& value, ContentType type) {
  switch (type) {
    case ContentType::kJson:
      return EncodeJson(value);
    case ContentType::kCsv:
      return EncodeCsv(value);
    case ContentType::kNpy:
      return EncodeNpy(value);
  }
  return Fail(Code::kInternal, "no such content type");
}

}  // namespace smhost
