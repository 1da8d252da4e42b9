#include "state/object_attributes.h"

#include "base/digest.h"
#include "base/json.h"

namespace smhost {
namespace {

constexpr std::size_t kAttributesBytes = 64 * 1024;
constexpr std::size_t kEtagDigits = 32;

std::int64_t NanosecondsOf(WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

WallTime TimeOf(std::int64_t nanoseconds) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds(nanoseconds)));
}

}  // namespace

std::string EncodeAttributes(const ObjectAttributes& attributes, std::uint64_t size_bytes, WallTime modified) {
  Json headers = Json::array();
  for (const auto& [name, value] : attributes.headers) headers.push_back({name, value});
  Json all = {{"etag", attributes.etag},
              {"headers", std::move(headers)},
              {"size", size_bytes},
              {"modified", NanosecondsOf(modified)}};
  if (!attributes.checksum_algorithm.empty()) all["checksum"] = {attributes.checksum_algorithm, attributes.checksum};
  if (!attributes.upload.empty()) all["upload"] = attributes.upload;
  return CompactJson(all);
}

std::optional<StoredAttributes> DecodeAttributes(std::string_view text) {
  auto json = ParseJson(text, "attributes", kAttributesBytes);
  if (!json || !json->is_object()) return std::nullopt;
  StoredAttributes stored;
  stored.attributes.etag = StringOr(*json, "etag");
  stored.attributes.upload = StringOr(*json, "upload");
  stored.size_bytes = static_cast<std::uint64_t>(IntOr(*json, "size", -1));
  stored.modified = TimeOf(IntOr(*json, "modified"));
  for (const Json& header : MemberOr(*json, "headers"))
    if (header.is_array() && header.size() == 2 && header[0].is_string() && header[1].is_string())
      stored.attributes.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
  const Json& checksum = MemberOr(*json, "checksum");
  if (checksum.is_array() && checksum.size() == 2 && checksum[0].is_string() && checksum[1].is_string()) {
    stored.attributes.checksum_algorithm = checksum[0].get<std::string>();
    stored.attributes.checksum = checksum[1].get<std::string>();
  }
  if (stored.attributes.etag.empty()) return std::nullopt;
  return stored;
}

std::string EtagOfFile(std::uint64_t size_bytes, WallTime modified) {
  std::string text = std::to_string(size_bytes) + " " + std::to_string(NanosecondsOf(modified));
  return Sha256Hex(text).substr(0, kEtagDigits) + "-1";
}

}  // namespace smhost
