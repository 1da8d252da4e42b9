#include "api/protocol_json.h"

#include "api/error_words.h"
#include "api/shape_values.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

const char* ContentType(WireProtocol protocol) {
  return protocol == WireProtocol::kJson10 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
}

bool Blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

}  // namespace

ApiResult<Json> DecodeJsonInput(const ApiOperation& operation, std::string_view body) {
  Json sent = Json::object();
  if (!Blank(body)) {
    auto parsed = ParseJson(body, "the request's body", limits::kApiBodyBytes);
    if (!parsed) return ApiFail("SerializationException", parsed.error().message);
    sent = std::move(*parsed);
  }
  if (operation.input == nullptr) return Json::object();
  if (sent.is_null()) return ApiFail("SerializationException", "the request's body: an input is a JSON object, not null");
  return ReadInput(*operation.input, sent);
}

ApiAnswer EncodeJsonOutput(const ApiOperation& operation, const Json& output, WireProtocol protocol) {
  const Json written = operation.output == nullptr ? Json::object() : JsonOutput(*operation.output, output);
  return {200, ContentType(protocol), {}, CompactJson(written)};
}

ApiAnswer EncodeJsonError(const ApiError& error, const ApiOperation* operation, bool query_compatible, WireProtocol protocol) {
  const ErrorWords words = WordsFor(error, operation);
  Json written = OtherMembers(error);
  if (words.error_shape != nullptr) written = JsonOutput(*words.error_shape, written);
  written["__type"] = words.shape;
  if (!error.message.empty()) written[words.message_member] = error.message;
  ApiAnswer answer{words.status, ContentType(protocol), {}, CompactJson(written)};
  if (query_compatible)
    answer.headers.emplace_back("x-amzn-query-error", words.query_code + (words.senders_fault() ? ";Sender" : ";Receiver"));
  return answer;
}

}  // namespace smhost
