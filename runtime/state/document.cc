#include "state/document.h"

#include "base/digest.h"
#include "base/limits.h"

namespace smhost {
namespace {

constexpr const char* kFormat = "Format";
constexpr const char* kChecksum = "Checksum";
constexpr const char* kLost = "Lost";

// `holder` is the object inside `document` (or itself) that carries format and checksum.
void Seal(Json& document, Json& holder, int format = kDocumentFormat) {
  holder[kFormat] = format;
  std::string checksum = Sha256Hex(CompactJson(document));
  holder[kChecksum] = checksum;
}

bool ChecksumHolds(const Json& document, const std::string& checksum) {
  return Sha256Hex(CompactJson(document)) == checksum;
}

Status CheckSeal(Json document, const Json::json_pointer& holder_at, const std::string& path, int newest = kDocumentFormat) {
  Json& holder = document[holder_at];
  std::string checksum = StringOr(holder, kChecksum);
  std::int64_t format = IntOr(holder, kFormat, 0);
  holder.erase(kChecksum);
  bool holds = ChecksumHolds(document, checksum);
  if (holds && format >= 1 && format <= newest) return {};
  // A flipped bit in our own format number is damage.
  for (int ours = 1; !holds && format > newest && ours <= newest; ++ours) {
    holder[kFormat] = ours;
    if (ChecksumHolds(document, checksum)) format = 0;
  }
  if (format > newest)
    return Fail(Code::kNewerFormat, path + ": has format " + std::to_string(format) +
                                        ", which a newer smhost wrote; use that one. Nothing was changed");
  return Fail(Code::kCorrupt, path + ": is damaged: its content does not fit its checksum");
}

Result<Json> ParseStored(std::string_view text, const std::string& path) {
  auto json = ParseJson(text, path, limits::kStateFileBytes);
  if (!json) return Fail(Code::kCorrupt, std::move(json).error().message);
  if (!json->is_object()) return Fail(Code::kCorrupt, path + ": is damaged: it holds no JSON object");
  return json;
}

Result<Json> ParseDocument(std::string_view text, const std::string& path) {
  SMHOST_TRY(Json json, ParseStored(text, path));
  if (!MemberOr(json, "Metadata").is_object()) return Fail(Code::kCorrupt, path + ": is damaged: it has no Metadata");
  SMHOST_TRY_STATUS(CheckSeal(json, Json::json_pointer("/Metadata"), path));
  return json;
}

}  // namespace

std::string EncodeResource(const Resource& resource) {
  Json document = {{"Type", InfoOf(resource.kind).type},
                   {"Properties", resource.properties},
                   {"Metadata",
                    {{"Arn", resource.arn},
                     {"Uid", resource.uid},
                     {"Generation", resource.generation},
                     {"CreationTime", resource.creation_time},
                     {"LastModifiedTime", resource.last_modified_time}}}};
  if (!resource.steering.is_null()) document["Metadata"]["Steering"] = resource.steering;
  Seal(document, document["Metadata"]);
  return PrettyJson(document);
}

Result<Resource> DecodeResource(std::string_view text, Kind kind, const std::string& name, const std::string& path) {
  SMHOST_TRY(Json document, ParseDocument(text, path));
  if (const Json& lost = MemberOr(document, kLost); lost.is_string())
    return Fail(Code::kCorrupt, lost.get<std::string>());
  const KindInfo& info = InfoOf(kind);
  const Json& properties = MemberOr(document, "Properties");
  if (StringOr(document, "Type") != info.type || !properties.is_object() ||
      StringOr(properties, info.name_property) != name)
    return Fail(Code::kCorrupt, path + ": does not hold the " + info.prose + " \"" + name + "\"");
  const Json& metadata = MemberOr(document, "Metadata");
  Resource resource;
  resource.kind = kind;
  resource.name = name;
  resource.properties = properties;
  resource.arn = StringOr(metadata, "Arn");
  resource.uid = StringOr(metadata, "Uid");
  resource.generation = static_cast<std::uint64_t>(IntOr(metadata, "Generation"));
  resource.creation_time = StringOr(metadata, "CreationTime");
  resource.last_modified_time = StringOr(metadata, "LastModifiedTime");
  resource.steering = MemberOr(metadata, "Steering");
  return resource;
}

std::string EncodeLost(Kind kind, const std::string& message) {
  Json document = {{"Type", InfoOf(kind).type}, {kLost, message}, {"Metadata", Json::object()}};
  Seal(document, document["Metadata"]);
  return PrettyJson(document);
}

std::optional<std::string> DecodeLost(std::string_view text, const std::string& path) {
  auto document = ParseDocument(text, path);
  if (!document || !MemberOr(*document, kLost).is_string()) return std::nullopt;
  return StringOr(*document, kLost);
}

std::string EncodeSealed(const Json& content) { return EncodeSealedAs(kDocumentFormat, content); }

Result<Json> DecodeSealed(std::string_view text, const std::string& path) { return DecodeSealedUpTo(kDocumentFormat, text, path); }

std::string EncodeSealedAs(int format, const Json& content) {
  Json document = {{"Content", content}};
  Seal(document, document, format);
  return PrettyJson(document);
}

Result<Json> DecodeSealedUpTo(int newest, std::string_view text, const std::string& path) {
  SMHOST_TRY(Json document, ParseStored(text, path));
  SMHOST_TRY_STATUS(CheckSeal(document, Json::json_pointer(), path, newest));
  return MemberOr(document, "Content");
}

}  // namespace smhost
