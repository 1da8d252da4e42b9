// The query protocol: an operation, its version and its input as the parameters of a form, the output as XML. Pure; any
// thread.
//
// Source of the rules: Smithy's specification of awsQuery.
#pragma once

#include <string>

#include "api/api_error.h"
#include "api/exchange.h"
#include "api/form.h"
#include "api/shapes.h"

namespace smhost {

// Parameters that the input's shape does not know are dropped.
ApiResult<Json> DecodeQueryInput(const ApiOperation& operation, const FormParameters& parameters);

ApiAnswer EncodeQueryOutput(const ServiceShapes& service, const ApiOperation& operation, const Json& output,
                            const std::string& request_id);

// `service` and `operation`: null where they are not known yet.
ApiAnswer EncodeQueryError(const ServiceShapes* service, const ApiOperation* operation, const ApiError& error,
                           const std::string& request_id);

}  // namespace smhost
