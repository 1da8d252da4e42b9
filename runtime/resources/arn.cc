#include "resources/arn.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "resources/fault.h"
#include "resources/name.h"

namespace smhost {
namespace {

// The first five colons divide; the rest may hold more.
std::vector<std::string> SplitArn(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (parts.size() < 5) {
    const std::size_t colon = text.find(':', start);
    if (colon == std::string::npos) break;
    parts.push_back(text.substr(start, colon - start));
    start = colon + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

bool IsAccount(const std::string& text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsRegion(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

const char* ServiceOf(Kind kind) {
  if (kind == Kind::kAlarm) return "cloudwatch";
  return kind == Kind::kGoldenSet || kind == Kind::kPublicRoute ? "smhost" : "sagemaker";
}

char DividerOf(Kind kind) { return kind == Kind::kAlarm ? ':' : '/'; }

bool IsService(const std::string& text) {
  return std::any_of(Kinds().begin(), Kinds().end(), [&](const KindInfo& info) { return text == ServiceOf(info.kind); });
}

}  // namespace

std::string MakeArn(Kind kind, const std::string& region, const std::string& account, const std::string& name) {
  const std::string written = kind == Kind::kAlarm ? name : LowerCase(name);
  return std::string("arn:aws:") + ServiceOf(kind) + ":" + region + ":" + account + ":" + InfoOf(kind).word +
         DividerOf(kind) + written;
}

Result<Arn> ParseArn(const std::string& text) {
  const std::vector<std::string> parts = SplitArn(text);
  const auto bad = [&](const std::string& why) {
    return Fail(Code::kInvalid, ShortValue(text) + " is no ARN of SageMaker hosting: " + why);
  };
  if (parts.size() != 6 || parts[0] != "arn") return bad("it must read arn:aws:sagemaker:REGION:ACCOUNT:KIND/NAME");
  if (parts[1].rfind("aws", 0) != 0) return bad("the partition must begin with aws");
  if (!IsService(parts[2])) return bad("the service must be sagemaker, or cloudwatch of an alarm");
  if (!IsRegion(parts[3])) return bad("the region must have lower-case letters, digits and hyphens");
  if (!IsAccount(parts[4])) return bad("the account must have 12 digits");
  const std::size_t divider = parts[5].find_first_of("/:");
  if (divider == std::string::npos) return bad("a / must stand between kind and name, a : after alarm");
  const std::string word = parts[5].substr(0, divider);
  for (const KindInfo& info : Kinds()) {
    if (word != info.word || parts[2] != ServiceOf(info.kind) || parts[5][divider] != DividerOf(info.kind)) continue;
    Arn arn{parts[1], parts[3], parts[4], info.kind, parts[5].substr(divider + 1)};
    if (!IsName(arn.name))
      return bad("the name must have 1 to 63 characters: letters, digits, and hyphens between them");
    return arn;
  }
  return bad("the kind must be model, endpoint-config or endpoint, or alarm of cloudwatch");
}

}  // namespace smhost
