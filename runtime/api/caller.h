// Who asks: what a signature, or the owner's socket, has proved. A value; any thread.
#pragma once

#include <memory>
#include <string>

namespace smhost {

class Policy;  // api/policy.h

struct Caller {
  std::string account;        // 12 digits
  std::string arn;            // "arn:aws:iam::ACCOUNT:root", "…:user/NAME", "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION"
  std::string user_id;        // what GetCallerIdentity calls UserId
  std::string access_key_id;  // empty: the owner's socket
  // What it may do within its account; null: everything.
  std::shared_ptr<const Policy> policy;
};

}  // namespace smhost
