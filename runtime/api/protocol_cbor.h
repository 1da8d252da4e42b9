// Smithy's rpc-v2-cbor: an operation in the path, its input and output as CBOR. Pure; any thread.
//
// Source of the rules: Smithy's specification of the protocol; RFC 8949.
#pragma once

#include <string>
#include <string_view>

#include "api/api_error.h"
#include "api/exchange.h"
#include "api/shapes.h"
#include "base/json.h"

namespace smhost {

// Any CBOR of one item as JSON: byte strings as JSON's binary, tags dropped (that of a time says what the shape says).
// SerializationException: not CBOR, keys that are no texts or come twice, or past limits::kJsonDepth and kApiValues.
ApiResult<Json> ReadCbor(std::string_view bytes);

// An empty body is an input without members.
ApiResult<Json> DecodeCborInput(const ApiOperation& operation, std::string_view body);

// Void operations answer nothing.
ApiAnswer EncodeCborOutput(const ApiOperation& operation, const Json& output);

// `operation`: null where none was found. `query_compatible`: of the service.
ApiAnswer EncodeCborError(const ApiError& error, const ApiOperation* operation, bool query_compatible);

}  // namespace smhost
