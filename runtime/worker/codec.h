// Requests and answers as bytes, the way the default handlers of the PyTorch inference container read and write them,
// plus several arguments and structured answers (`{"inputs": …}`). Pure; on the inference thread. Errors are the
// caller's fault and say what would be accepted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worker/value.h"

namespace smhost {

enum class ContentType { kJson, kCsv, kNpy };
const char* NameOf(ContentType type);

// The header's exact text: the reference handlers know no parameters. kUnsupported.
Result<ContentType> ParseContentType(std::string_view header);
// The first one known of those that the caller accepts, in the caller's order; `fallback` where any will do.
// kUnsupported.
Result<ContentType> ChooseAnswerType(std::string_view accept, std::string_view fallback);

// The file ending that a content type's request files have (".json"), for SMHOST_WARMUP. kInvalid for any other.
Result<ContentType> ContentTypeOfFile(std::string_view name);

// kInvalid names the place in the body. `dtype`: of every tensor; absent: float32, and npy keeps its own.
Result<Arguments> DecodeRequest(ContentType type, std::string_view body, const MethodSchema& schema,
                                std::optional<DType> dtype);
// kUnsupported: this value cannot be written so; kTooLarge: over limits::kModelOutputBytes.
Result<std::string> EncodeAnswer(const Value& value, ContentType type);

}  // namespace smhost
