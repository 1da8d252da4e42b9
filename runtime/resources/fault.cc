#include "resources/fault.h"

namespace smhost {
namespace {
constexpr std::size_t kShortBytes = 100;
}

std::string Describe(const Fault& fault) {
  std::string text;
  if (!fault.source.empty()) text += fault.source + ": ";
  if (!fault.path.empty()) text += fault.path + ": ";
  if (!fault.value.empty()) text += fault.value + " ";
  return text + fault.rule;
}

std::string ShortValue(const Json& value) {
  std::string text;
  // A long text is cut before it is dumped: what follows need not be looked at.
  if (value.is_string() && value.get_ref<const std::string&>().size() > 4 * kShortBytes)
    text = CompactJson(value.get_ref<const std::string&>().substr(0, 4 * kShortBytes));
  else
    text = CompactJson(value);
  if (text.size() <= kShortBytes) return text;
  std::size_t end = kShortBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace smhost
