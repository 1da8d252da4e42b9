// Small questions about ASCII text that several folders ask. Pure; any thread.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace smhost {

// A-Z alone become a-z, whatever the locale: the text is a protocol's, not a person's.
inline std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
  return lower;
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
