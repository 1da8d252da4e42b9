#include "state/credentials.h"

#include "base/random.h"
#include "state/document.h"
#include "state/stored_file.h"

namespace smhost {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::chrono::seconds kLockWait{10};

// Each of the alphabet's characters is as likely: their number is a power of two.
std::string RandomOf(std::string_view alphabet, std::size_t count) {
  std::string text = RandomBytes(count);
  for (char& c : text) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
  return text;
}

// Letters and digits alone, so that no shell and no URL needs quotes.
std::string RandomSecret(std::size_t count) {
  std::string text;
  while (text.size() < count)
    for (char c : RandomOf(kBase64Url, count))
      if (c != '-' && c != '_' && text.size() < count) text += c;
  return text;
}

Credentials MakeCredentials() {
  // 43 characters of base64url are 32 bytes; the last one holds four bits of them, so its two lowest are 0.
  std::string token = RandomOf(kBase64Url, 42) + RandomOf("AEIMQUYcgkosw048", 1);
  return {kLocalAccount, "AKIA" + RandomOf(kBase32, 16), RandomSecret(40), token, ""};
}

std::string Encode(const Credentials& credentials) {
  return EncodeSealed({{credentials.account,
                        {{"AccessKeyId", credentials.access_key_id},
                         {"SecretAccessKey", credentials.secret_access_key},
                         {"BearerToken", credentials.bearer_token}}}});
}

Result<Credentials> Decode(const std::string& text, const std::string& path) {
  auto sealed = DecodeSealed(text, path);
  // The parser's own words may quote a piece of a secret.
  if (!sealed && IsDamage(sealed.error())) return Fail(Code::kCorrupt, path + ": is damaged");
  SMHOST_TRY(Json accounts, std::move(sealed));
  const Json& account = MemberOr(accounts, kLocalAccount);
  Credentials credentials{kLocalAccount, StringOr(account, "AccessKeyId"), StringOr(account, "SecretAccessKey"),
                          StringOr(account, "BearerToken"), ""};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() || credentials.bearer_token.empty())
    return Fail(Code::kCorrupt, path + ": is damaged: it holds no credentials of account " + kLocalAccount);
  return credentials;
}

}  // namespace

Result<Credentials> ReadCredentials(Files& files, const Home& home) {
  SMHOST_TRY(std::string text, ReadStateFile(files, home.Credentials()));
  return Decode(text, home.Credentials());
}

Result<Credentials> EnsureCredentials(Files& files, const Clock& clock, const Home& home) {
  auto known = ReadCredentials(files, home);
  if (known) return known;
  // Only one makes them: a second set would be refused by whoever read the first.
  SMHOST_TRY(auto lock, files.Lock(home.AccountLock(kLocalAccount), kLockWait));
  known = ReadCredentials(files, home);
  if (known) return known;
  Credentials made = MakeCredentials();
  if (IsDamage(known.error())) {
    SMHOST_TRY(made.quarantined, CopyToQuarantine(files, clock, home, home.Credentials()));
  } else if (known.error().code != Code::kNotFound) {
    return known;
  }
  SMHOST_TRY_STATUS(WriteDurably(files, home.Credentials(), Encode(made)));
  return made;
}

}  // namespace smhost
