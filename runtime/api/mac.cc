#include "api/mac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/random.h"

namespace smhost {
namespace {

std::string Hmac(const EVP_MD* digest, std::string_view key, std::string_view text) {
  unsigned char code[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const unsigned char* made = HMAC(digest, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size(), code, &size);
  SMHOST_CHECK(made != nullptr);
  return {reinterpret_cast<const char*>(code), size};
}

}  // namespace

std::string HmacSha256(std::string_view key, std::string_view text) { return Hmac(EVP_sha256(), key, text); }

std::string HmacSha1Base64(std::string_view key, std::string_view text) {
  std::string code = Hmac(EVP_sha1(), key, text);
  unsigned char base64[64];  // 20 bytes make 28 characters
  int size = EVP_EncodeBlock(base64, reinterpret_cast<const unsigned char*>(code.data()), static_cast<int>(code.size()));
  return {reinterpret_cast<const char*>(base64), static_cast<std::size_t>(size)};
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace smhost
