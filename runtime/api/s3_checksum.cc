#include "api/s3_checksum.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"

namespace smhost {
namespace {

class Digest final : public S3Checksum {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new()) {
    SMHOST_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_, kind, nullptr) == 1);
  }
  ~Digest() override { EVP_MD_CTX_free(context_); }
  void Update(std::string_view bytes) override {
    SMHOST_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
  }
  std::string Finish() override {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    SMHOST_CHECK(EVP_DigestFinal_ex(context_, digest, &size) == 1);
    return {reinterpret_cast<const char*>(digest), size};
  }

 private:
  EVP_MD_CTX* context_;
};

constexpr std::size_t kSlices = 8;
template <typename Word>
using CrcTables = std::array<std::array<Word, 256>, kSlices>;

// tables[n][b]: what the byte b does to the register n bytes later.
template <typename Word, Word kPolynomial>
constexpr CrcTables<Word> MakeCrcTables() {
  CrcTables<Word> tables{};
  for (std::size_t b = 0; b < 256; ++b) {
    Word word = static_cast<Word>(b);
    for (int bit = 0; bit < 8; ++bit) word = (word >> 1) ^ ((word & 1) != 0 ? kPolynomial : 0);
    tables[0][b] = word;
  }
  for (std::size_t n = 1; n < kSlices; ++n)
    for (std::size_t b = 0; b < 256; ++b) tables[n][b] = (tables[n - 1][b] >> 8) ^ tables[0][tables[n - 1][b] & 0xff];
  return tables;
}

// A reflected CRC that begins and ends with all bits turned; eight bytes a step.
template <typename Word, Word kPolynomial>
class Crc final : public S3Checksum {
 public:
  void Update(std::string_view bytes) override {
    auto at = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t left = bytes.size();
    for (; left >= kSlices; left -= kSlices, at += kSlices) {
      std::uint64_t next = 0;
      for (std::size_t i = 0; i < kSlices; ++i) next |= static_cast<std::uint64_t>(at[i]) << (8 * i);
      next ^= word_;
      word_ = 0;
      for (std::size_t i = 0; i < kSlices; ++i) word_ ^= kTables[kSlices - 1 - i][(next >> (8 * i)) & 0xff];
    }
    for (; left > 0; --left, ++at) word_ = (word_ >> 8) ^ kTables[0][(word_ ^ *at) & 0xff];
  }
  std::string Finish() override {
    Word word = ~word_;
    std::string bytes;
    for (int shift = 8 * (sizeof(Word) - 1); shift >= 0; shift -= 8) bytes += static_cast<char>((word >> shift) & 0xff);
    return bytes;
  }

 private:
  static constexpr CrcTables<Word> kTables = MakeCrcTables<Word, kPolynomial>();
  Word word_ = static_cast<Word>(~Word{0});
};

// The polynomials, reflected. Sources: IEEE 802.3; RFC 3720 (Castagnoli); NVM Express, "64b CRC".
using Crc32 = Crc<std::uint32_t, 0xedb88320u>;
using Crc32c = Crc<std::uint32_t, 0x82f63b78u>;
using Crc64Nvme = Crc<std::uint64_t, 0x9a6c9329ac4bc9b5u>;

}  // namespace

std::unique_ptr<S3Checksum> MakeS3Checksum(std::string_view algorithm) {
  if (algorithm == "md5") return std::make_unique<Digest>(EVP_md5());
  if (algorithm == "sha1") return std::make_unique<Digest>(EVP_sha1());
  if (algorithm == "sha256") return std::make_unique<Digest>(EVP_sha256());
  if (algorithm == "crc32") return std::make_unique<Crc32>();
  if (algorithm == "crc32c") return std::make_unique<Crc32c>();
  if (algorithm == "crc64nvme") return std::make_unique<Crc64Nvme>();
  return nullptr;
}

bool IsS3ChecksumAlgorithm(std::string_view algorithm) {
  return algorithm != "md5" && MakeS3Checksum(algorithm) != nullptr;
}

}  // namespace smhost
