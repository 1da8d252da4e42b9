#include "artifacts/entry_name.h"


#include "artifacts/unpack_limits.h"

namespace smhost {
namespace {

// How many bytes the character at the front takes; 0 where the bytes are no UTF-8 (RFC 3629: no overlong forms, no
// surrogates) and for control characters, C1 among them.
std::size_t PrintableCharacter(std::string_view text) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first >= 0xC2 && first <= 0xDF) {
    bool c1_control = first == 0xC2 && byte(1) < 0xA0;
    return follows(1) && !c1_control ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    bool overlong = first == 0xE0 && byte(1) < 0xA0, surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    bool overlong = first == 0xF0 && byte(1) < 0x90, beyond = first == 0xF4 && byte(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

Status CheckCharacters(std::string_view name) {
  for (std::string_view rest = name; !rest.empty();) {
    std::size_t bytes = PrintableCharacter(rest);
    if (bytes == 0) return Fail(Code::kInvalid, "its name holds a control character or is no UTF-8");
    if (rest[0] == '\\') return Fail(Code::kInvalid, "its name holds a backslash; pack with / between folders");
    rest.remove_prefix(bytes);
  }
  return {};
}

Status CheckPart(std::string_view part, const UnpackLimits& limits) {
  if (part.empty()) return Fail(Code::kInvalid, "its name has an empty part (//)");
  if (part == "..") return Fail(Code::kInvalid, "its name climbs with \"..\"");
  if (part.size() > limits.component_bytes)
    return Fail(Code::kTooLarge, "a part of its name is longer than " + std::to_string(limits.component_bytes) + " bytes");
  return {};
}

}  // namespace

Result<std::string> CheckEntryName(std::string_view name, const UnpackLimits& limits) {
  if (name.empty()) return Fail(Code::kInvalid, "it has no name");
  if (name.size() > limits.name_bytes)
    return Fail(Code::kTooLarge, "its name is longer than " + std::to_string(limits.name_bytes) + " bytes");
  SMHOST_TRY_STATUS(CheckCharacters(name));
  if (name.front() == '/') return Fail(Code::kInvalid, "its name is absolute; pack with tar -C FOLDER .");
  if (name.back() == '/') name.remove_suffix(1);
  std::string path;
  int depth = 0;
  while (true) {
    auto slash = name.find('/');
    std::string_view part = name.substr(0, slash);
    SMHOST_TRY_STATUS(CheckPart(part, limits));
    if (part != ".") {
      path.append(path.empty() ? "" : "/").append(part);
      ++depth;
    }
    if (slash == std::string_view::npos) break;
    name.remove_prefix(slash + 1);
  }
  if (depth > limits.depth)
    return Fail(Code::kTooLarge, "it lies more than " + std::to_string(limits.depth) + " folders deep");
  return path;
}

std::string QuoteName(std::string_view name) {
  static constexpr char kHex[] = "0123456789abcdef";
  constexpr std::size_t kMost = 200;
  std::string quoted = "'";
  while (!name.empty()) {
    if (quoted.size() > kMost) return quoted + "…'";
    std::size_t bytes = PrintableCharacter(name);
    if (bytes > 0) {
      quoted.append(name.substr(0, bytes));
    } else {
      auto byte = static_cast<unsigned char>(name[0]);
      quoted += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      bytes = 1;
    }
    name.remove_prefix(bytes);
  }
  return quoted + "'";
}

}  // namespace smhost
