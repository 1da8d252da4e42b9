#include "state/credentials.h"

#include "base/random.h"
#include "state/credentials_codec.h"
#include "state/stored_file.h"

namespace smhost {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::chrono::seconds kLockWait{10};
constexpr std::size_t kSessionSecretBytes = 32;

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
  Credentials made;
  made.accounts[kLocalAccount].root = MakeAccessKey();
  made.session_secret = RandomHex(kSessionSecretBytes);
  return made;
}

Status Write(Files& files, const Home& home, const Credentials& credentials) {
  std::string text = EncodeCredentials(credentials);
  if (text.size() > limits::kStateFileBytes)
    return Fail(Code::kTooLarge, home.Credentials() + ": would have " + std::to_string(text.size()) +
                                     " bytes, and may have " + std::to_string(limits::kStateFileBytes) +
                                     "; delete accounts, users or roles that nobody needs");
  return WriteDurably(files, home.Credentials(), text);
}

// Under the lock: what there is, or new ones that are not written yet, or a file of before that was brought up to date.
Result<Credentials> ReadOrMake(Files& files, const Clock& clock, const Home& home) {
  auto known = ReadCredentials(files, home);
  if (known) {
    if (known->session_secret.empty()) known->session_secret = RandomHex(kSessionSecretBytes);
    return known;
  }
  Credentials made = MakeCredentials();
  if (IsDamage(known.error())) {
    SMHOST_TRY(made.quarantined, CopyToQuarantine(files, clock, home, home.Credentials()));
  } else if (known.error().code != Code::kNotFound) {
    return known;
  }
  return made;
}

}  // namespace

bool Credentials::Holds(std::string_view access_key_id) const {
  for (const auto& [id, account] : accounts) {
    if (account.root.id == access_key_id) return true;
    for (const auto& [name, user] : account.users)
      if (user.key.id == access_key_id) return true;
  }
  return false;
}

AccessKey MakeAccessKey() { return {"AKIA" + RandomOf(kBase32, 16), RandomSecret(40)}; }

std::string MakePrincipalId(std::string_view prefix) { return std::string(prefix) + RandomOf(kBase32, 16); }

Result<Credentials> ReadCredentials(Files& files, const Home& home) {
  SMHOST_TRY(std::string text, ReadStateFile(files, home.Credentials()));
  return DecodeCredentials(text, home.Credentials());
}

Result<Credentials> EnsureCredentials(Files& files, const Clock& clock, const Home& home) {
  auto known = ReadCredentials(files, home);
  if (known && !known->session_secret.empty()) return known;
  return ChangeCredentials(files, clock, home, [](Credentials&) { return Status(); });
}

Result<Credentials> ChangeCredentials(Files& files, const Clock& clock, const Home& home,
                                      const std::function<Status(Credentials&)>& change) {
  // Only one at once makes or changes them: a second set would be refused by whoever read the first.
  SMHOST_TRY(auto lock, files.Lock(home.AccountLock(kLocalAccount), kLockWait));
  SMHOST_TRY(Credentials credentials, ReadOrMake(files, clock, home));
  SMHOST_TRY_STATUS(change(credentials));
  SMHOST_TRY_STATUS(Write(files, home, credentials));
  return credentials;
}

}  // namespace smhost
