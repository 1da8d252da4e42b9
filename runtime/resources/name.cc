#include "resources/name.h"

#include <algorithm>

#include "resources/fault.h"

namespace smhost {
namespace {

// Not <cctype>: its answer depends on the locale.
bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

bool IsName(std::string_view text) {
  if (text.empty() || text.size() > kNameLength) return false;
  if (!IsAlnum(text.front()) || !IsAlnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsAlnum(c) || c == '-'; });
}

Status ValidateName(Kind kind, const std::string& name) {
  if (IsName(name)) return {};
  return Fail(Code::kInvalid, std::string(InfoOf(kind).prose) + " name " + ShortValue(name) +
                                  ": must have 1 to 63 characters: letters, digits, and hyphens between them");
}

}  // namespace smhost
