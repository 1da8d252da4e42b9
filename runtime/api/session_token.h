// Temporary credentials that nothing stores: the token says whose they are and until when, under a code that only this
// runtime can make (its session secret), and the secret key follows from the access key id. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

namespace smhost {

// What a token says.
struct SessionClaims {
  std::string access_key_id;
  std::string account;
  // The principal that it acts for, by its name and by its id, so that another one of that name is not meant; none of
  // them: the account's root.
  std::string user, role, principal_id;
  std::string session_name;  // of a role's session
  WallTime expires;          // whole seconds
  Json policy;               // restricts further; null: it does not
};

// base64url of the claims as JSON, a dot, base64url of their code.
std::string EncodeSessionToken(const SessionClaims& claims, const std::string& session_secret);
// Nothing: not made with that secret, or too long. Whether it has expired is for the caller to see.
std::optional<SessionClaims> DecodeSessionToken(std::string_view token, const std::string& session_secret);

// "ASIA" and 16 of A-Z2-7, new each time, that say which account it is.
std::string MakeSessionKeyId(const std::string& account);
// The account that such an id says; nothing for any other id.
std::optional<std::string> AccountOfSessionKey(std::string_view access_key_id);
// The secret access key that belongs to the id, 40 characters.
std::string SecretOfSessionKey(std::string_view access_key_id, const std::string& session_secret);

}  // namespace smhost
