#include "api/form.h"

#include <algorithm>

#include "base/limits_api.h"
#include "base/text.h"
#include "base/utf8.h"

namespace smhost {
namespace {

Result<std::string> Decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto decoded = PercentDecoded(spaced);
  if (!decoded) return Fail(Code::kInvalid, "a % in a form stands before two hexadecimal digits");
  if (!IsUtf8(*decoded)) return Fail(Code::kInvalid, "a form's names and values are UTF-8");
  return std::move(*decoded);
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
