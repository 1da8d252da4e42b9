// All accounts and keys of a runtime, as they were when they were read: who signs with what, and what it may do. An
// immutable value that threads share; whoever holds one reads it again when credentials.json changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "api/sigv4.h"
#include "base/clock.h"
#include "base/files.h"
#include "state/home.h"

namespace smhost {

class KeyRing {
 public:
  virtual ~KeyRing() = default;
  // kNotFound where no credentials have been made yet.
  static Result<std::shared_ptr<const KeyRing>> Read(Files& files, const Home& home);

  // Long-lived keys, and those of sessions (their token says all there is to know, so that it needs no file).
  virtual std::optional<SigningKey> Find(std::string_view access_key_id, std::string_view token, WallTime now) const = 0;
  virtual bool HasAccount(std::string_view account) const = 0;
};

// The owner's socket acts for the account's root; no policy.
Caller OwnerOf(const std::string& account);

}  // namespace smhost
