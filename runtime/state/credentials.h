// The local account's secrets: what AWS clients sign with, and the token that a request over TCP carries. Made at first
// use, kept in credentials.json (0600). Never logged and never part of a message.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "state/home.h"

namespace smhost {

struct Credentials {
  std::string account;            // kLocalAccount
  std::string access_key_id;      // "AKIA" and 16 of A-Z2-7
  std::string secret_access_key;  // 40 letters and digits
  std::string bearer_token;       // 32 random bytes as base64url
  std::string quarantined;        // not empty: the file was damaged, lies there now, and these are new
};

// The home must be prepared. Several at once get the same.
Result<Credentials> EnsureCredentials(Files& files, const Clock& clock, const Home& home);
// Makes nothing: kNotFound where there are none yet.
Result<Credentials> ReadCredentials(Files& files, const Home& home);

}  // namespace smhost
