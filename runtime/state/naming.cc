#include "state/naming.h"

#include "resources/fault.h"

namespace smhost {

Status CheckAccount(const std::string& account) {
  if (account.size() == 12 && account.find_first_not_of("0123456789") == std::string::npos) return {};
  return Fail(Code::kInvalid, "account " + ShortValue(account) + " is no AWS account: it must have twelve digits");
}

std::string ResourceLabel(Kind kind, const std::string& name) { return std::string(InfoOf(kind).word) + "/" + name; }

}  // namespace smhost
