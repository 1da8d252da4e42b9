#include "api/session_token.h"

#include <openssl/evp.h>

#include <cstdint>

#include "api/mac.h"
#include "base/limits_api.h"
#include "base/random.h"

namespace smhost {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kPrefix = "ASIA";
constexpr std::size_t kAccountDigits32 = 8;  // 40 bits hold any twelve digits
constexpr std::size_t kRandomDigits32 = 8;

std::string Base64Url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  if (text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != text.npos) return std::nullopt;
  std::string padded(text);
  for (char& c : padded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  std::size_t padding = (4 - padded.size() % 4) % 4;
  if (padding == 3) return std::nullopt;
  padded.append(padding, '=');
  std::string bytes(padded.size() / 4 * 3 + 1, '\0');
  int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(padded.data()),
                             static_cast<int>(padded.size()));
  if (size < static_cast<int>(padding)) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// What the code is made for, so that neither is ever good for the other.
std::string TokenCode(std::string_view payload, const std::string& secret) {
  return HmacSha256(secret, "session token\n" + std::string(payload));
}

std::int64_t SecondsOf(WallTime time) { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

}  // namespace

std::string EncodeSessionToken(const SessionClaims& claims, const std::string& session_secret) {
  Json json = {{"Key", claims.access_key_id}, {"Account", claims.account}, {"Expires", SecondsOf(claims.expires)}};
  const std::pair<const char*, const std::string&> texts[] = {
      {"User", claims.user}, {"Role", claims.role}, {"Id", claims.principal_id}, {"Session", claims.session_name}};
  for (const auto& [name, text] : texts)
    if (!text.empty()) json[name] = text;
  if (!claims.policy.is_null()) json["Policy"] = claims.policy;
  const std::string payload = Base64Url(CompactJson(json));
  return payload + "." + Base64Url(TokenCode(payload, session_secret));
}

std::optional<SessionClaims> DecodeSessionToken(std::string_view token, const std::string& session_secret) {
  const std::size_t dot = token.find('.');
  if (session_secret.empty() || token.size() > limits::kSessionTokenBytes || dot == token.npos) return std::nullopt;
  const std::string_view payload = token.substr(0, dot);
  auto code = FromBase64Url(token.substr(dot + 1));
  if (!code || !SameSecret(*code, TokenCode(payload, session_secret))) return std::nullopt;
  auto bytes = FromBase64Url(payload);
  if (!bytes) return std::nullopt;
  auto json = ParseJson(*bytes, "session token", limits::kSessionTokenBytes);
  if (!json) return std::nullopt;
  SessionClaims claims;
  claims.access_key_id = StringOr(*json, "Key");
  claims.account = StringOr(*json, "Account");
  claims.user = StringOr(*json, "User");
  claims.role = StringOr(*json, "Role");
  claims.principal_id = StringOr(*json, "Id");
  claims.session_name = StringOr(*json, "Session");
  claims.expires = WallTime(std::chrono::seconds(IntOr(*json, "Expires")));
  claims.policy = MemberOr(*json, "Policy");
  return claims;
}

std::string MakeSessionKeyId(const std::string& account) {
  std::uint64_t number = 0;
  for (char digit : account) number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  std::string id(kPrefix);
  for (std::size_t i = 0; i < kAccountDigits32; ++i) id += kBase32[number >> (5 * (kAccountDigits32 - 1 - i)) & 31];
  for (unsigned char byte : RandomBytes(kRandomDigits32)) id += kBase32[byte % kBase32.size()];
  return id;
}

std::optional<std::string> AccountOfSessionKey(std::string_view access_key_id) {
  if (access_key_id.size() != kPrefix.size() + kAccountDigits32 + kRandomDigits32 || access_key_id.substr(0, kPrefix.size()) != kPrefix)
    return std::nullopt;
  std::uint64_t number = 0;
  for (char c : access_key_id.substr(kPrefix.size(), kAccountDigits32)) {
    const std::size_t digit = kBase32.find(c);
    if (digit == kBase32.npos) return std::nullopt;
    number = number << 5 | digit;
  }
  std::string account = std::to_string(number);
  if (account.size() > 12) return std::nullopt;
  return std::string(12 - account.size(), '0') + account;
}

std::string SecretOfSessionKey(std::string_view access_key_id, const std::string& session_secret) {
  // 30 bytes are 40 characters, as many as AWS's secrets have.
  return Base64Url(HmacSha256(session_secret, "session key\n" + std::string(access_key_id)).substr(0, 30));
}

}  // namespace smhost
