// Small questions about ASCII text that several folders ask. Pure; any thread.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace smhost {

// A-Z alone become a-z, whatever the locale: the text is a protocol's, not a person's. UpperCase the other way round.
inline char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; }
inline std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerCase(c);
  return lower;
}
inline std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~32);
  return upper;
}

// 0 to 15, of either case; -1 for any other.
inline int HexDigit(char c) {
  const char lower = static_cast<char>(c | 32);
  return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Each %XX becomes its byte; nothing where a % stands before anything else.
inline std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) return std::nullopt;
    decoded += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

// The number that the text is as a whole, in decimal digits (and "-" where the type has a sign); nothing for any other text and
// where it does not fit.
template <typename Number>
std::optional<Number> WholeNumber(std::string_view text) {
  Number number{};
  auto [rest, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || fault != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace smhost
