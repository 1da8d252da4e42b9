#include "api/xml_text.h"

#include "base/utf8.h"

namespace smhost {
namespace {

// How many bytes the character at the front has; 0: what is there is no UTF-8.
std::size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return length <= text.size() && IsUtf8(text.substr(0, length)) ? length : 0;
}

bool XmlHas(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) >= 0x20 || character.find_first_of("\t\n\r") == 0;
  return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

}  // namespace

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
