#include "api/aws_chunks.h"

#include <catch2/catch.hpp>

#include "base/limits_api.h"
#include "fakes/aws_signer.h"

namespace smhost {
namespace {

// The requests of S3's documentation: 66,560 times "a" in chunks of 64 KB.
Signed DocumentedRequest(PayloadForm form, const std::string& signature) {
  AwsSigner signer;
  signer.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  signer.time = "20130524T000000Z";
  signer.service = "s3";
  Signed request;
  request.payload = form;
  request.signature = signature;
  request.signing_key = signer.Key();
  request.scope = signer.Scope();
  request.time = signer.time;
  return request;
}

const Signed kSigned = DocumentedRequest(PayloadForm::kSignedChunks, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
const Signed kTrailer = DocumentedRequest(PayloadForm::kSignedChunksTrailer, "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");

std::string SignedBody() {
  return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + std::string(65536, 'a') +
         "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + std::string(1024, 'a') +
         "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

std::string TrailerBody(const std::string& end_of_trailer = "\r\n") {
  return "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" + std::string(65536, 'a') +
         "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" + std::string(1024, 'a') +
         "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\nx-amz-checksum-crc32c:sOO8/Q==" +
         end_of_trailer + "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

Signed Unsigned() {
  Signed request;
  request.payload = PayloadForm::kUnsignedChunksTrailer;
  return request;
}

struct Decoded {
  Status status;
  std::string content;
  std::vector<std::pair<std::string, std::string>> trailers;
};

Decoded Decode(const Signed& request, std::string_view body, std::optional<std::uint64_t> expected = std::nullopt, std::size_t pieces = 1 << 20) {
  AwsChunkDecoder decoder(request, expected);
  Decoded decoded;
  for (std::size_t at = 0; at < body.size() && decoded.status; at += pieces) decoded.status = decoder.Feed(body.substr(at, pieces), decoded.content);
  if (decoded.status) decoded.status = decoder.Finish();
  decoded.trailers = decoder.trailers();
  return decoded;
}

Code FaultOf(const Signed& request, std::string_view body, std::optional<std::uint64_t> expected = std::nullopt) {
  auto decoded = Decode(request, body, expected);
  REQUIRE_FALSE(decoded.status);
  return decoded.status.error().code;
}

TEST_CASE("S3's example of signed chunks is decoded, however it is cut") {
  for (std::size_t pieces : {1u << 20, 1u, 3u, 1000u}) {
    auto decoded = Decode(kSigned, SignedBody(), 66560, pieces);
    REQUIRE(decoded.status);
    CHECK(decoded.content == std::string(66560, 'a'));
    CHECK(decoded.trailers.empty());
  }
}

TEST_CASE("S3's example of signed chunks with a trailer is decoded") {
  for (const char* end : {"\r\n", "\n", "\n\r\n"}) {
    auto decoded = Decode(kTrailer, TrailerBody(end), 66560, 7);
    INFO((decoded.status ? "" : decoded.status.error().message));
    REQUIRE(decoded.status);
    CHECK(decoded.content.size() == 66560);
    REQUIRE(decoded.trailers.size() == 1);
    CHECK(decoded.trailers[0] == std::pair<std::string, std::string>("x-amz-checksum-crc32c", "sOO8/Q=="));
  }
}

TEST_CASE("a changed byte of signed chunks, their signatures or trailers is found") {
  std::string body = TrailerBody();
  std::size_t trailer = body.find("x-amz-checksum");
  for (std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{30}, std::size_t{500}, std::size_t{65536}, std::size_t{66500}, trailer - 30,
                         trailer + 3, trailer + 24, body.size() - 10}) {
    std::string changed = body;
    changed[at] ^= 1;
    INFO(at);
    CHECK_FALSE(Decode(kTrailer, changed).status);
  }
  std::string other = body;
  other[1000] = 'b';
  CHECK(FaultOf(kTrailer, other) == Code::kDenied);
  other = body;
  other[trailer + 24] = 'x';
  CHECK(FaultOf(kTrailer, other) == Code::kDenied);
}

TEST_CASE("chunks that are left out, swapped or cut off are found") {
  std::string body = SignedBody();
  std::size_t second = body.find("400;"), last = body.find("0;chunk-signature=b6");
  CHECK(FaultOf(kSigned, body.substr(0, second) + body.substr(last)) == Code::kDenied);
  CHECK(FaultOf(kSigned, body.substr(second, last - second) + body.substr(0, second) + body.substr(last)) == Code::kDenied);
  CHECK(FaultOf(kSigned, body.substr(0, last)) == Code::kInvalid);
  for (std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{40}, std::size_t{500}}) CHECK(FaultOf(kSigned, body.substr(0, body.size() - cut)) == Code::kInvalid);
  CHECK(FaultOf(kSigned, body + "x") == Code::kInvalid);
  CHECK(FaultOf(kSigned, "") == Code::kInvalid);
  std::string trailers = TrailerBody();
  CHECK(FaultOf(kTrailer, trailers.substr(0, trailers.find("x-amz-checksum"))) == Code::kInvalid);
  CHECK(FaultOf(kTrailer, trailers.substr(0, trailers.find("x-amz-trailer-signature")) + "\r\n") == Code::kInvalid);
}

TEST_CASE("unsigned chunks with trailers, as botocore sends them over HTTPS") {
  auto decoded = Decode(Unsigned(), "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Amz-Checksum-CRC32: AAAA== \r\nx-amz-more:b\r\n\r\n", 13, 1);
  REQUIRE(decoded.status);
  CHECK(decoded.content == "abc0123456789");
  REQUIRE(decoded.trailers.size() == 2);
  CHECK(decoded.trailers[0] == std::pair<std::string, std::string>("x-amz-checksum-crc32", "AAAA=="));
  CHECK(Decode(Unsigned(), "0\r\n\r\n", 0).status);
}

TEST_CASE("the length that was announced is the length") {
  const std::string body = "3\r\nabc\r\n0\r\n\r\n";
  CHECK(Decode(Unsigned(), body, 3).status);
  CHECK(FaultOf(Unsigned(), body, 2) == Code::kInvalid);
  CHECK(FaultOf(Unsigned(), body, 4) == Code::kInvalid);
}

TEST_CASE("bodies of another form are refused") {
  for (const char* bad : {"abc\r\n", "\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "3\r\nab\r\n0\r\n\r\n", "-1\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
                          "3 \r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\nno colon\r\n\r\n", "3\r\nabc\r\n0\r\n:x\r\n\r\n", "3\r\nabc\r\n0\r\n"}) {
    INFO(bad);
    CHECK(FaultOf(Unsigned(), bad) == Code::kInvalid);
  }
  CHECK(FaultOf(kSigned, "3\r\nabc\r\n0\r\n\r\n") == Code::kInvalid);
  CHECK(FaultOf(Unsigned(), "10000000000000000\r\n") == Code::kInvalid);
}

TEST_CASE("heads, trailers and sizes have their limits") {
  CHECK(FaultOf(Unsigned(), "3;" + std::string(limits::kAwsChunkHeadBytes, 'x')) == Code::kTooLarge);
  CHECK(FaultOf(Unsigned(), "0\r\nx:" + std::string(limits::kAwsTrailerBytes, 'x')) == Code::kTooLarge);
  CHECK(FaultOf(Unsigned(), "fffffffffffffff\r\n") == Code::kTooLarge);
  std::string many = "0\r\n";
  for (std::size_t i = 0; i <= limits::kAwsTrailers; ++i) many += "x-" + std::to_string(i) + ":y\r\n";
  CHECK(FaultOf(Unsigned(), many + "\r\n") == Code::kTooLarge);
}

}  // namespace
}  // namespace smhost
