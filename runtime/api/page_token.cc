#include "api/page_token.h"

#include <optional>
#include <string_view>

#include "base/digest.h"
#include "base/json.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// RFC 4648, section 5, without padding.
std::string EncodeBase64Url(std::string_view bytes) {
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const char byte : bytes) {
    held = held << 8 | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[held >> (bits - 6) & 63];
    held &= (1u << bits) - 1;
  }
  if (bits > 0) text += kAlphabet[held << (6 - bits) & 63];
  return text;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  std::string bytes;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = held << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 255);
    held &= (1u << bits) - 1;
  }
  if (bits >= 6 || held != 0) return std::nullopt;  // no text of whole bytes ends so
  return bytes;
}

std::string MarkOf(const std::string& listing) { return Sha256Hex(listing).substr(0, 16); }

}  // namespace

std::string EncodePageToken(const std::string& listing, const PagePosition& position) {
  return EncodeBase64Url(CompactJson(Json::array({MarkOf(listing), position.key, position.name})));
}

Result<PagePosition> DecodePageToken(const std::string& listing, const std::string& token) {
  const auto bad = [](const char* why) { return Fail(Code::kInvalid, std::string("The NextToken is not valid: ") + why); };
  if (token.size() > limits::kPageTokenBytes) return bad("it is too long; give the one of the page before as it was");
  const auto text = DecodeBase64Url(token);
  auto json = text ? ParseJson(*text, "NextToken", limits::kPageTokenBytes) : Fail(Code::kInvalid, "");
  if (!json || !json->is_array() || json->size() != 3 ||
      !std::all_of(json->begin(), json->end(), [](const Json& part) { return part.is_string(); }))
    return bad("give the one of the page before as it was");
  if ((*json)[0] != MarkOf(listing))
    return bad("it belongs to a listing with other filters or another order; repeat those, or begin without a token");
  return PagePosition{(*json)[1].get<std::string>(), (*json)[2].get<std::string>()};
}

}  // namespace smhost
