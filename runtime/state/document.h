// The text of what is stored: a resource as people may read it, and everything else in a sealed envelope. Pure.
//
// A checksum guards each: SHA-256 over the compact dump of the document without the checksum itself, so that any change
// of meaning is found while spaces may change. All formats to come keep this rule; a checksum that holds under a higher
// format number therefore means a newer smhost, never damage.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "resources/kind.h"

namespace smhost {

inline constexpr int kDocumentFormat = 1;

// {"Type","Properties","Metadata":{Arn, Uid, Generation, CreationTime, LastModifiedTime, Format, Checksum}}, indented.
std::string EncodeResource(const Resource& resource);
// kCorrupt: not what we wrote, or of another kind or name. kNewerFormat: written by a newer smhost. `path` is for the
// message.
Result<Resource> DecodeResource(std::string_view text, Kind kind, const std::string& name, const std::string& path);

// What stands in the place of a resource whose document and previous copy could both not be read, so that it does not
// look as if somebody had deleted it. `message` says where the unreadable document lies.
std::string EncodeLost(Kind kind, const std::string& message);
std::optional<std::string> DecodeLost(std::string_view text, const std::string& path);

// {"Content","Format","Checksum"}: deployments, statuses, lists of moves.
std::string EncodeSealed(Json content);
Result<Json> DecodeSealed(std::string_view text, const std::string& path);
// The same for a kind of file that has a later format of its own; all formats up to `newest` are read.
std::string EncodeSealedAs(int format, Json content);
Result<Json> DecodeSealedUpTo(int newest, std::string_view text, const std::string& path);

}  // namespace smhost
