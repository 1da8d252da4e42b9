#include "api/s3_body.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "api/aws_chunks.h"
#include "api/base64.h"
#include "base/check.h"
#include "base/limits_api.h"
#include "base/random.h"
#include "base/text.h"

namespace smhost {
namespace {

using Sink = std::function<ApiResult<void>(std::string_view bytes)>;

constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";
constexpr const char* kSha256 = "sha256";
constexpr std::size_t kSha256Digits = 64;

// What the client says of its body.
struct Claims {
  std::optional<Signed> chunked;        // the body is aws-chunked, in this form
  std::optional<std::uint64_t> length;  // of the content
  std::string algorithm;                // empty: no checksum
  std::optional<std::string> checksum;  // base64; comes as a trailer where it is not here
  std::string payload_hash;             // of a signature, in hex; empty: it does not cover the body
};

ApiResult<void> ReadForm(const S3Request& request, Claims& claims) {
  std::string_view stated = request.head.Get("x-amz-content-sha256");
  if (request.signature != nullptr) {
    if (IsChunked(request.signature->payload)) claims.chunked = *request.signature;
    if (request.signature->payload == PayloadForm::kHashed) claims.payload_hash = request.signature->payload_hash;
  } else if (stated == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    claims.chunked.emplace().payload = PayloadForm::kUnsignedChunksTrailer;
  } else if (stated.starts_with("STREAMING-")) {
    return S3Fail("InvalidRequest", "A body of signed chunks needs a signed request.");
  } else if (stated.size() == kSha256Digits) {
    claims.payload_hash = stated;
  }
  claims.length = request.exchange.content_length;
  if (claims.chunked) claims.length = WholeNumber<std::uint64_t>(request.head.Get("x-amz-decoded-content-length"));
  if (!claims.length && (claims.chunked || request.head.Get("transfer-encoding").empty()))
    return S3Fail("MissingContentLength", "You must provide the Content-Length HTTP header.");
  return {};
}

ApiResult<void> ReadChecksum(const S3Request& request, Claims& claims) {
  for (const auto& [name, value] : request.head.headers) {
    std::string algorithm = name.starts_with(kChecksumPrefix) ? name.substr(kChecksumPrefix.size()) : "";
    if (algorithm.empty() || algorithm == "mode" || algorithm == "type" || algorithm == "algorithm") continue;
    if (!IsS3ChecksumAlgorithm(algorithm))
      return S3Fail("NotImplemented", "A header you provided implies functionality that is not implemented: " + name);
    if (claims.checksum)
      return S3Fail("InvalidRequest",
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    claims.algorithm = algorithm;
    claims.checksum = value;
  }
  std::string trailer = LowerCase(request.head.Get("x-amz-trailer"));
  if (!claims.checksum && trailer.starts_with(kChecksumPrefix)) {
    claims.algorithm = trailer.substr(kChecksumPrefix.size());
    if (!IsS3ChecksumAlgorithm(claims.algorithm))
      return S3Fail("InvalidRequest", "The value specified in the x-amz-trailer header is not supported");
  }
  std::string named = LowerCase(request.head.Get("x-amz-sdk-checksum-algorithm"));
  if (claims.algorithm.empty() && !named.empty()) {
    if (!IsS3ChecksumAlgorithm(named))
      return S3Fail("InvalidRequest", "The checksum algorithm is not supported: " + named);
    claims.algorithm = named;
  }
  return {};
}

// Reads to the end of the body.
ApiResult<std::uint64_t> Pump(S3Request& request, Claims& claims, const Sink& sink, S3Sums& sums) {
  std::optional<AwsChunkDecoder> decoder;
  if (claims.chunked) decoder.emplace(*claims.chunked, claims.length);
  auto refused = [](const Error& error) {
    if (error.code == Code::kDenied) return S3Fail("SignatureDoesNotMatch", error.message);
    return S3Fail(error.code == Code::kTooLarge ? "InvalidRequest" : "IncompleteBody", error.message);
  };
  auto buffer = std::make_unique<char[]>(limits::kS3CopyBytes);
  std::string content;
  std::uint64_t total = 0;
  for (;;) {
    auto count = request.exchange.body.Read(buffer.get(), limits::kS3CopyBytes);
    if (!count) return S3Fail("IncompleteBody", count.error().message);
    if (*count == 0) break;
    std::string_view bytes(buffer.get(), *count);
    if (decoder) {
      content.clear();
      if (auto fed = decoder->Feed(bytes, content); !fed) return refused(fed.error());
      bytes = content;
    }
    total += bytes.size();
    if (total > limits::kS3PutBytes)
      return S3Fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    sums.Update(bytes);
    SMHOST_API_TRY_STATUS(sink(bytes));
  }
  if (decoder) {
    if (auto whole = decoder->Finish(); !whole) return refused(whole.error());
    for (const auto& [name, value] : decoder->trailers())
      if (!claims.checksum && name == std::string(kChecksumPrefix) + claims.algorithm) claims.checksum = value;
  }
  if (claims.length && total != *claims.length)
    return S3Fail("IncompleteBody",
                  "You did not provide the number of bytes specified by the Content-Length HTTP header");
  return total;
}

ApiResult<void> Prove(const S3Request& request, const Claims& claims, const S3Sums& sums) {
  if (!claims.payload_hash.empty() && HexOf(sums.Of(kSha256)) != LowerCase(claims.payload_hash))
    return S3Fail("XAmzContentSHA256Mismatch",
                  "The provided 'x-amz-content-sha256' header does not match what was computed.");
  if (const std::string* md5 = request.head.Find("content-md5")) {
    if (DecodeBase64(*md5).value_or("").size() != sums.Of("md5").size())
      return S3Fail("InvalidDigest", "The Content-MD5 you specified was invalid.");
    if (*md5 != EncodeBase64(sums.Of("md5")))
      return S3Fail("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  if (claims.checksum && *claims.checksum != EncodeBase64(sums.Of(claims.algorithm)))
    return S3Fail("BadDigest", "The " + claims.algorithm + " you specified did not match the calculated checksum.");
  if (!claims.checksum && !request.head.Get("x-amz-trailer").empty() && !claims.algorithm.empty())
    return S3Fail(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.");
  return {};
}

ApiResult<S3Received> Receive(S3Request& request, const Sink& sink, const std::string& algorithm, bool checksum) {
  Claims claims;
  SMHOST_API_TRY_STATUS(ReadForm(request, claims));
  if (checksum) SMHOST_API_TRY_STATUS(ReadChecksum(request, claims));
  if (claims.length && *claims.length > limits::kS3PutBytes)
    return S3Fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
  S3Sums sums(claims.algorithm);
  if (!algorithm.empty()) sums.Want(algorithm);
  if (!claims.payload_hash.empty()) sums.Want(kSha256);
  SMHOST_API_TRY(std::uint64_t size_bytes, Pump(request, claims, sink, sums));
  sums.Finish();
  SMHOST_API_TRY_STATUS(Prove(request, claims, sums));
  const std::string& chosen = algorithm.empty() ? claims.algorithm : algorithm;
  return S3Received{size_bytes, sums.Md5Hex(), chosen, chosen.empty() ? "" : EncodeBase64(sums.Of(chosen))};
}

}  // namespace

S3Sums::S3Sums(const std::string& algorithm) {
  Want("md5");
  if (!algorithm.empty()) Want(algorithm);
}

S3Sums S3Sums::Only(const std::string& algorithm) {
  S3Sums sums;
  sums.Want(algorithm);
  return sums;
}

void S3Sums::Want(const std::string& algorithm) {
  auto same = [&](const Sum& sum) { return sum.algorithm == algorithm; };
  if (std::any_of(sums_.begin(), sums_.end(), same)) return;
  sums_.push_back({algorithm, MakeS3Checksum(algorithm), ""});
  SMHOST_CHECK(sums_.back().running != nullptr);
}

void S3Sums::Update(std::string_view bytes) {
  for (Sum& sum : sums_) sum.running->Update(bytes);
}

void S3Sums::Finish() {
  for (Sum& sum : sums_) sum.bytes = sum.running->Finish();
}

const std::string& S3Sums::Of(std::string_view algorithm) const {
  auto found = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& sum) { return sum.algorithm == algorithm; });
  SMHOST_CHECK(found != sums_.end());
  return found->bytes;
}

std::string S3Sums::Md5Hex() const { return HexOf(Of("md5")); }

ApiResult<S3Received> ReceiveS3Object(S3Request& request, ObjectWriter& writer, const std::string& algorithm) {
  auto sink = [&](std::string_view bytes) -> ApiResult<void> {
    SMHOST_S3_TRY_STATUS(writer.Write(bytes), "NoSuchBucket");
    return {};
  };
  return Receive(request, sink, algorithm, true);
}

ApiResult<std::string> ReceiveS3Document(S3Request& request, bool checksum_of_object) {
  std::string document;
  auto sink = [&](std::string_view bytes) -> ApiResult<void> {
    if (document.size() + bytes.size() > limits::kS3DocumentBytes)
      return S3Fail("MaxMessageLengthExceeded", "Your request was too big: a document has at most " +
                                                    std::to_string(limits::kS3DocumentBytes) + " bytes.");
    document.append(bytes);
    return {};
  };
  SMHOST_API_TRY_STATUS(Receive(request, sink, "", !checksum_of_object));
  return document;
}

}  // namespace smhost
