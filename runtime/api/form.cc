#include "api/form.h"

#include <algorithm>

#include "base/limits_api.h"
#include "base/utf8.h"

namespace smhost {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> Decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1, low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Fail(Code::kInvalid, "a % in a form stands before two hexadecimal digits");
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!IsUtf8(decoded)) return Fail(Code::kInvalid, "a form's names and values are UTF-8");
  return decoded;
}

}  // namespace

Result<FormParameters> ParseForm(std::string_view text) {
  FormParameters parameters;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    if (one.empty()) continue;
    if (parameters.size() == limits::kApiQueryParameters)
      return Fail(Code::kTooLarge, "a form has at most " + std::to_string(limits::kApiQueryParameters) + " parameters");
    const std::size_t equals = one.find('=');
    SMHOST_TRY(std::string name, Decode(one.substr(0, equals)));
    SMHOST_TRY(std::string value, Decode(equals == one.npos ? std::string_view() : one.substr(equals + 1)));
    parameters.emplace_back(std::move(name), std::move(value));
  }
  return parameters;
}

}  // namespace smhost
