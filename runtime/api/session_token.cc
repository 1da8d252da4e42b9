#include "api/session_token.h"

#include <cstdint>

#include "api/base64.h"
#include "api/mac.h"
#include "base/limits_api.h"
#include "base/random.h"

namespace smhost {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kPrefix = "ASIA";
constexpr std::size_t kAccountDigits32 = 8;  // 40 bits hold any twelve digits
constexpr std::size_t kRandomDigits32 = 8;

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
  const std::string payload = EncodeBase64Url(CompactJson(json));
  return payload + "." + EncodeBase64Url(TokenCode(payload, session_secret));
}

std::optional<SessionClaims> DecodeSessionToken(std::string_view token, const std::string& session_secret) {
  const std::size_t dot = token.find('.');
  if (session_secret.empty() || token.size() > limits::kSessionTokenBytes || dot == token.npos) return std::nullopt;
  const std::string_view payload = token.substr(0, dot);
  auto code = DecodeBase64Url(token.substr(dot + 1));
  if (!code || !SameSecret(*code, TokenCode(payload, session_secret))) return std::nullopt;
  auto bytes = DecodeBase64Url(payload);
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
  return EncodeBase64Url(HmacSha256(session_secret, "session key\n" + std::string(access_key_id)).substr(0, 30));
}

}  // namespace smhost
