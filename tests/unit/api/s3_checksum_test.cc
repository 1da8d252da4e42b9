#include "api/s3_checksum.h"

#include <catch2/catch.hpp>

#include "api/base64.h"
#include "base/random.h"

namespace smhost {
namespace {

std::string HexBy(const char* algorithm, std::string_view bytes) {
  auto sum = MakeS3Checksum(algorithm);
  REQUIRE(sum != nullptr);
  sum->Update(bytes);
  return HexOf(sum->Finish());
}

// The "check" values of the catalogue of parametrised CRC algorithms, and RFC 1321's and FIPS 180's own examples.
TEST_CASE("checksums are those that their definitions tell") {
  CHECK(HexBy("crc32", "123456789") == "cbf43926");
  CHECK(HexBy("crc32c", "123456789") == "e3069283");
  CHECK(HexBy("crc64nvme", "123456789") == "ae8b14860a799888");
  CHECK(HexBy("md5", "abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(HexBy("sha1", "abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(HexBy("sha256", "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("bytes in pieces have the checksum of the whole") {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7);
  for (const char* algorithm : {"crc32", "crc32c", "crc64nvme", "sha1", "sha256", "md5"})
    for (std::size_t piece : {1, 3, 7, 8, 9, 64}) {
      auto sum = MakeS3Checksum(algorithm);
      for (std::size_t at = 0; at < bytes.size(); at += piece) sum->Update(std::string_view(bytes).substr(at, piece));
      CHECK(HexOf(sum->Finish()) == HexBy(algorithm, bytes));
    }
}

TEST_CASE("unknown algorithms are none") {
  CHECK(MakeS3Checksum("crc16") == nullptr);
  CHECK(MakeS3Checksum("") == nullptr);
  CHECK_FALSE(IsS3ChecksumAlgorithm("md5"));
  CHECK(IsS3ChecksumAlgorithm("crc64nvme"));
}

TEST_CASE("base64 is read back, and what is none is nothing") {
  for (std::string bytes : {"a", "ab", "abc", "abcd"}) CHECK(DecodeBase64(EncodeBase64(bytes)) == bytes);
  CHECK(EncodeBase64("").empty());
  for (std::string text : {"a", "ab=", "====", "a===", "!!!!", "abcd=", "ab==c", " abcd"}) CHECK_FALSE(DecodeBase64(text));
}

}  // namespace
}  // namespace smhost
