// What passes between the gateway and the API process on one connection, for one request: a head each way, and bodies in
// pieces of known length, so that both see the difference between an end and a death. Pure encoding; any thread.
//
//   gateway → API   head (JSON: method, target, headers, content_length?, owner, tls, request_id), pieces of the body, end
//   API → gateway   head (JSON: status, headers, length?), pieces of the body, end
//
// A piece is its length (32 bits, big-endian) and its bytes; the end is a length of 0. A head is a piece.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/http_head.h"

namespace smhost {

struct ApiRequestHead {
  HttpHead head;
  std::optional<std::uint64_t> content_length;
  bool owner = false, tls = false;
  std::string request_id;
};

struct ApiResponseHead {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::uint64_t> length;
};

std::string Encode(const ApiRequestHead& head);
std::string Encode(const ApiResponseHead& head);
Result<ApiRequestHead> DecodeApiRequestHead(std::string_view piece);
Result<ApiResponseHead> DecodeApiResponseHead(std::string_view piece);

inline constexpr std::size_t kApiPieceHeaderBytes = 4;
// The piece's header, for `size` bytes that follow.
std::string ApiPieceHeader(std::uint32_t size);

// Takes pieces out of a stream of bytes.
class ApiPieceReader {
 public:
  void Feed(std::string_view bytes) { held_.append(bytes); }
  // The next whole piece, empty for the end; nothing: more bytes are needed. kTooLarge where one is longer than any may be.
  Result<std::optional<std::string>> Next();
  std::size_t held() const { return held_.size() - at_; }

 private:
  std::string held_;
  std::size_t at_ = 0;
};

}  // namespace smhost
