// The accounts of a runtime and what signs for them: root keys, users and roles with their policies, and the secret that
// session tokens are made with. Kept in credentials.json (0600), which commands and the API process change under a lock,
// each durably; everybody else reads it, without one. No secret of it is ever logged or part of a message.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "state/home.h"

namespace smhost {

struct AccessKey {
  std::string id;      // "AKIA" and 16 of A-Z2-7
  std::string secret;  // 40 letters and digits
};

struct UserRecord {
  std::string id;  // "AIDA" and 16 of A-Z2-7; another user of that name has another one
  AccessKey key;
  Json policy;     // what api/policy.h understands
};

struct RoleRecord {
  std::string id;  // "AROA" and 16 of A-Z2-7
  Json policy;
  // Who may take it: account ids and ARNs of users or roots. Empty: any caller of the role's own account.
  std::vector<std::string> trusted;
};

struct AccountRecord {
  std::string name;  // unique; may be empty
  AccessKey root;
  std::map<std::string, UserRecord> users;  // by name
  std::map<std::string, RoleRecord> roles;
};

struct Credentials {
  std::map<std::string, AccountRecord> accounts;  // by their twelve digits; kLocalAccount is always there
  std::string session_secret;  // 32 random bytes in hex; empty: a file from before sessions, that nobody has changed yet
  std::string quarantined;     // not empty: the file was damaged, lies there now, and these are new

  const AccountRecord& local() const { return accounts.at(kLocalAccount); }
  // Is it a key of one of the accounts?
  bool Holds(std::string_view access_key_id) const;
};

// Makes them at first use, and brings a file of an older format up to date. The home must be prepared. Several at once
// get the same.
Result<Credentials> EnsureCredentials(Files& files, const Clock& clock, const Home& home);
// Makes nothing: kNotFound where there are none yet.
Result<Credentials> ReadCredentials(Files& files, const Home& home);
// Reads, changes and writes under the lock, so that nobody's change is lost; what is there after it. An error of
// `change` is ours, and nothing has changed. kTooLarge where the file would be larger than a state file may be.
Result<Credentials> ChangeCredentials(Files& files, const Clock& clock, const Home& home,
                                      const std::function<Status(Credentials&)>& change);

AccessKey MakeAccessKey();
// "AIDA" or "AROA" and 16 random characters.
std::string MakePrincipalId(std::string_view prefix);

}  // namespace smhost
