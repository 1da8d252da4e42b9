// awsJson1_0 and awsJson1_1: an operation in the X-Amz-Target header, its input and output as JSON. Pure; any thread.
//
// Source of the rules: Smithy's specifications of the two protocols, and of the awsQueryCompatible trait.
#pragma once

#include <string_view>

#include "api/api_error.h"
#include "api/exchange.h"
#include "api/route.h"
#include "api/shapes.h"

namespace smhost {

// An empty body is an input without members.
ApiResult<Json> DecodeJsonInput(const ApiOperation& operation, std::string_view body);

// `protocol`: kJson10 or kJson11. Void operations answer {}.
ApiAnswer EncodeJsonOutput(const ApiOperation& operation, const Json& output, WireProtocol protocol);

// `operation`: null where none was found. `query_compatible`: of the service.
ApiAnswer EncodeJsonError(const ApiError& error, const ApiOperation* operation, bool query_compatible, WireProtocol protocol);

}  // namespace smhost
