#include "api/utf8.h"

namespace smhost {
namespace {

// How many bytes the character at the front has; 0: what is there is no UTF-8.
std::size_t CharacterLength(std::string_view text) {
  static constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // shorter forms of the same character are none
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (length == 0 || length > text.size()) return 0;
  unsigned character = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    const auto next = static_cast<unsigned char>(text[k]);
    if (next >> 6 != 2) return 0;
    character = character << 6 | (next & 0x3F);
  }
  return character < kLeast[length] || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF) ? 0 : length;
}

bool XmlHas(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) >= 0x20 || character.find_first_of("\t\n\r") == 0;
  return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string XmlText(std::string_view text) {
  std::string mended;
  mended.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    mended += length != 0 && XmlHas(character) ? character : "\xEF\xBF\xBD";
    text.remove_prefix(character.size());
  }
  return mended;
}

}  // namespace smhost
