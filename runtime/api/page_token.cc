#include "api/page_token.h"

#include <optional>
#include <string_view>

#include "api/base64.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

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
