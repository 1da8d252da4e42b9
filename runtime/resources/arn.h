// ARNs of resources: how AWS clients and templates name them across kinds, accounts and regions. Any thread; pure.
#pragma once

#include <string>

#include "base/result.h"
#include "resources/kind.h"

namespace smhost {

struct Arn {
  std::string partition, region, account;
  Kind kind = Kind::kModel;
  std::string name;  // in lower case where AWS writes it so
  bool operator==(const Arn&) const = default;
};

// "arn:aws:sagemaker:REGION:ACCOUNT:endpoint-config/name", the name in lower case, as in AWS;
// "arn:aws:cloudwatch:REGION:ACCOUNT:alarm:Name"; "arn:aws:smhost:REGION:ACCOUNT:golden-set/name".
std::string MakeArn(Kind kind, const std::string& region, const std::string& account, const std::string& name);
// kInvalid for anything but an ARN of one of our kinds with a valid name.
Result<Arn> ParseArn(const std::string& text);

}  // namespace smhost
