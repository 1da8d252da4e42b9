// Takes the content out of a body with "Content-Encoding: aws-chunked": chunks with or without signatures, and the trailers
// behind them. Pure and incremental: bytes in, bytes out, nothing held but a line. Who receives an upload calls it, on the
// thread that has the request. An object serves one body.
//
//     SIZE;chunk-signature=HEX CRLF bytes CRLF … 0;chunk-signature=HEX CRLF [name:value CRLF …] CRLF
//
// Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
// Chunks" and its variant with trailing headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/sigv4.h"
#include "base/digest.h"
#include "base/result.h"

namespace smhost {

class AwsChunkDecoder {
 public:
  // `request`: what CheckSignature accepted; its payload says which form the body must have (IsChunked is true for it).
  // `decoded_bytes`: x-amz-decoded-content-length, where the request has it.
  AwsChunkDecoder(const Signed& request, std::optional<std::uint64_t> decoded_bytes);

  // Takes all of `bytes` and appends to `content` what they hold of it. Content is proven only when Finish has said so: a
  // chunk's signature can be checked no sooner than its last byte. An error is final; no more calls then.
  //
  // kInvalid: the body is not in that form, or has more or less than `decoded_bytes`. kDenied: a signature does not match
  // (S3: SignatureDoesNotMatch). kTooLarge: a chunk's head or the trailers pass their limit.
  Status Feed(std::string_view bytes, std::string& content);
  // The body has ended: was it whole?
  Status Finish();

  // Names in lower case, values trimmed, in the order sent, without x-amz-trailer-signature. Whole after Finish.
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }
  std::uint64_t decoded() const { return decoded_; }

 private:
  enum class State { kHead, kData, kDataEnd, kTrailers, kDone };

  bool TakeLine(std::string_view& bytes, std::size_t most_bytes);
  Status OnHead();
  Status OnChunkEnd();
  Status OnTrailer();
  Status CheckTrailers(std::string_view signature);

  const PayloadForm form_;
  const std::optional<std::uint64_t> expected_;
  std::optional<ChunkSignatures> signatures_;
  State state_ = State::kHead;
  std::string line_;             // the part of a line that has come
  std::size_t trailer_bytes_ = 0;
  std::uint64_t left_ = 0;       // of the chunk
  std::uint64_t decoded_ = 0;
  bool last_chunk_ = false, trailers_proven_ = false;
  std::string chunk_signature_;
  Sha256 chunk_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

// Does a body of this form need the decoder?
constexpr bool IsChunked(PayloadForm form) { return form != PayloadForm::kHashed && form != PayloadForm::kUnsigned; }

}  // namespace smhost
