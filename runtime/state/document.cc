#include "state/document.h"

#include "base/digest.h"
#include "base/json_object.h"
#include "base/limits.h"

namespace smhost {
namespace {

constexpr const char* kFormat = "Format";
constexpr const char* kChecksum = "Checksum";
constexpr const char* kLost = "Lost";

// `holder` is the object inside `document` (or itself) that carries format and checksum.
void Seal(Json& document, Json& holder) {
  holder[kFormat] = kDocumentFormat;
  std::string checksum = Sha256Hex(CompactJson(document));
  holder[kChecksum] = checksum;
}

// What CompactJson makes of the value that `pretty` was made of.
std::string WithoutBlanks(std::string_view pretty) {
  std::string compact;
  compact.reserve(pretty.size());
  bool in_text = false;
  for (std::size_t i = 0; i < pretty.size(); ++i) {
    const char c = pretty[i];
    if (!in_text && (c == ' ' || c == '\n')) continue;
    compact += c;
    if (c == '"') in_text = !in_text;
    if (c == '\\') compact += pretty[++i];
  }
  return compact;
}

bool ChecksumHolds(const Json& document, const std::string& checksum) {
  return Sha256Hex(CompactJson(document)) == checksum;
}

// Takes the checksum out of the document.
Status CheckSeal(Json& document, Json& holder, const std::string& path, int newest = kDocumentFormat) {
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
  SMHOST_TRY_STATUS(CheckSeal(json, json["Metadata"], path));
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
  resource.properties = std::move(document["Properties"]);
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

std::string EncodeSealed(Json content) { return EncodeSealedAs(kDocumentFormat, std::move(content)); }

Result<Json> DecodeSealed(std::string_view text, const std::string& path) { return DecodeSealedUpTo(kDocumentFormat, text, path); }

std::string EncodeSealedAs(int format, Json content) {
  std::string text = PrettyJson(ObjectOf({{"Content", std::move(content)}, {kFormat, format}}));
  // Put where a dump has it: by its name it is the first member.
  text.insert(std::string_view("{\n").size(), "  \"Checksum\": \"" + Sha256Hex(WithoutBlanks(text)) + "\",\n");
  return text;
}

Result<Json> DecodeSealedUpTo(int newest, std::string_view text, const std::string& path) {
  SMHOST_TRY(Json document, ParseStored(text, path));
  SMHOST_TRY_STATUS(CheckSeal(document, document, path, newest));
  return std::move(document["Content"]);
}

}  // namespace smhost
