#include "wire/api_channel.h"

#include "base/json.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

Json HeadersAsJson(const std::vector<std::pair<std::string, std::string>>& headers) {
  Json list = Json::array();
  for (const auto& [name, value] : headers) list.push_back(Json::array({name, value}));
  return list;
}

Result<std::vector<std::pair<std::string, std::string>>> HeadersFrom(const Json& list) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const Json& one : list) {
    if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_string())
      return Fail(Code::kInvalid, "a header in an API head is no pair of texts");
    headers.emplace_back(one[0].get<std::string>(), one[1].get<std::string>());
  }
  return headers;
}

std::optional<std::uint64_t> LengthFrom(const Json& object, const char* key) {
  const Json& value = MemberOr(object, key);
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

std::string AsPiece(const Json& value) {
  std::string text = CompactJson(value);
  return ApiPieceHeader(static_cast<std::uint32_t>(text.size())) + text;
}

}  // namespace

std::string ApiPieceHeader(std::uint32_t size) {
  std::string header(kApiPieceHeaderBytes, '\0');
  for (int i = 0; i < 4; ++i) header[static_cast<std::size_t>(i)] = static_cast<char>(size >> (24 - 8 * i));
  return header;
}

std::string Encode(const ApiRequestHead& request) {
  Json value{{"method", request.head.method},
             {"target", request.head.target},
             {"headers", HeadersAsJson(request.head.headers)},
             {"owner", request.owner},
             {"tls", request.tls},
             {"request_id", request.request_id}};
  if (request.content_length) value["content_length"] = *request.content_length;
  return AsPiece(value);
}

std::string Encode(const ApiResponseHead& response) {
  Json value{{"status", response.status}, {"headers", HeadersAsJson(response.headers)}};
  if (response.length) value["length"] = *response.length;
  return AsPiece(value);
}

Result<ApiRequestHead> DecodeApiRequestHead(std::string_view piece) {
  SMHOST_TRY(Json value, ParseJson(piece, "an API request's head", limits::kApiHeadBytes));
  ApiRequestHead request;
  request.head.method = StringOr(value, "method");
  request.head.target = StringOr(value, "target");
  SMHOST_TRY(request.head.headers, HeadersFrom(MemberOr(value, "headers")));
  request.owner = BoolOr(value, "owner");
  request.tls = BoolOr(value, "tls");
  request.request_id = StringOr(value, "request_id");
  request.content_length = LengthFrom(value, "content_length");
  return request;
}

Result<ApiResponseHead> DecodeApiResponseHead(std::string_view piece) {
  SMHOST_TRY(Json value, ParseJson(piece, "an API answer's head", limits::kApiHeadBytes));
  ApiResponseHead response;
  response.status = static_cast<int>(IntOr(value, "status"));
  if (response.status < 200 || response.status > 599) return Fail(Code::kInvalid, "an API answer's head has no HTTP status");
  SMHOST_TRY(response.headers, HeadersFrom(MemberOr(value, "headers")));
  response.length = LengthFrom(value, "length");
  return response;
}

Result<std::optional<std::string>> ApiPieceReader::Next() {
  std::string_view left = std::string_view(held_).substr(at_);
  if (left.size() < kApiPieceHeaderBytes) return std::nullopt;
  std::uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(left[static_cast<std::size_t>(i)]);
  if (size > limits::kApiPieceBytes) return Fail(Code::kTooLarge, "a piece on an API connection is too long");
  if (left.size() - kApiPieceHeaderBytes < size) {
    held_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  std::string piece(left.substr(kApiPieceHeaderBytes, size));
  at_ += kApiPieceHeaderBytes + size;
  if (at_ == held_.size()) {
    held_.clear();
    at_ = 0;
  }
  return piece;
}

}  // namespace smhost
