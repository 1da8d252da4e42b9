// Bodies with Content-Encoding: aws-chunked from strangers. However a body is cut, the decoder says the same; a body whose
// chunks are signed is accepted only with the content that was signed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "api/aws_chunks.h"
#include "fakes/aws_signer.h"

namespace smhost {
namespace {

void Require(bool held) {
  if (!held) std::abort();
}

struct Decoded {
  bool whole = false;
  std::string content;
  std::vector<std::pair<std::string, std::string>> trailers;
  bool operator==(const Decoded&) const = default;
};

Decoded Decode(const Signed& request, std::string_view body, std::size_t piece) {
  AwsChunkDecoder decoder(request, std::nullopt);
  Decoded decoded;
  Status status;
  for (std::size_t at = 0; at < body.size() && status; at += piece) status = decoder.Feed(body.substr(at, piece), decoded.content);
  decoded.whole = status && decoder.Finish().has_value();
  if (!decoded.whole) return {};
  Require(decoder.decoded() == decoded.content.size());
  decoded.trailers = decoder.trailers();
  return decoded;
}

Signed RequestOf(PayloadForm form) {
  AwsSigner signer;
  signer.service = "s3";
  Signed request;
  request.payload = form;
  request.signature = std::string(64, 'a');
  request.signing_key = signer.Key();
  request.scope = signer.Scope();
  request.time = signer.time;
  return request;
}

void CheckStranger(PayloadForm form, std::string_view body, std::size_t piece) {
  Signed request = RequestOf(form);
  Decoded whole = Decode(request, body, body.size() + 1);
  Require(whole == Decode(request, body, piece));
  Require(!whole.whole || form == PayloadForm::kUnsignedChunksTrailer);
}

// As a client makes it, with one trailer where there are any.
std::string SignedBody(const Signed& request, std::string_view content, std::size_t chunk) {
  std::string body, previous = request.signature, line = "x-amz-checksum-crc32:AAAA==";
  auto sign = [&](const std::string& kind, const std::string& covered) {
    previous = HexOf(HmacSha256(request.signing_key, kind + "\n" + request.time + "\n" + request.scope + "\n" + previous + "\n" + covered));
  };
  for (std::size_t at = 0;; at += chunk) {
    auto part = content.substr(std::min(at, content.size()), chunk);
    sign("AWS4-HMAC-SHA256-PAYLOAD", Sha256Hex("") + "\n" + Sha256Hex(part));
    char size[20];
    std::snprintf(size, sizeof size, "%zx", part.size());
    body.append(size).append(";chunk-signature=").append(previous).append("\r\n").append(part);
    if (!part.empty()) body += "\r\n";
    if (part.empty()) break;
  }
  if (request.payload == PayloadForm::kSignedChunks) return body + "\r\n";
  sign("AWS4-HMAC-SHA256-TRAILER", Sha256Hex(line + "\n"));
  return body + line + "\r\nx-amz-trailer-signature:" + previous + "\r\n\r\n";
}

void CheckChanged(PayloadForm form, std::string_view content, std::size_t chunk, std::size_t place, std::uint8_t byte) {
  Signed request = RequestOf(form);
  std::string body = SignedBody(request, content, chunk);
  Decoded original = Decode(request, body, 7);
  Require(original.whole && original.content == content);
  body[place % body.size()] = static_cast<char>(byte);
  Decoded changed = Decode(request, body, chunk);
  Require(!changed.whole || changed == original);
}

}  // namespace
}  // namespace smhost

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using smhost::PayloadForm;
  if (size < 6 || size > 4096) return 0;
  constexpr PayloadForm kForms[] = {PayloadForm::kUnsignedChunksTrailer, PayloadForm::kSignedChunks, PayloadForm::kSignedChunksTrailer};
  std::string_view rest(reinterpret_cast<const char*>(data) + 5, size - 5);
  std::size_t piece = data[1] % 64 + 1;
  if (data[0] % 2 == 0)
    smhost::CheckStranger(kForms[data[2] % 3], rest, piece);
  else
    smhost::CheckChanged(kForms[1 + data[2] % 2], rest, piece, data[3] * 256u + data[4], data[5]);
  return 0;
}
