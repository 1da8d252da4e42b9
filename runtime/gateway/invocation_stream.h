// What InvokeEndpointWithResponseStream's answers have that InvokeEndpoint's have not. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/call.h"
#include "gateway/http_response.h"

namespace smhost {

// The head of the stream, from InvokeEndpoint's answer to the same: the model's content type is told in a header of its own.
StreamHead StreamAnswerHead(HttpAnswer answer);

// How an answer that had begun broke off; nothing where its last part is there.
struct StreamFault {
  std::string_view type;  // ModelStreamError or InternalStreamFailure
  std::string body;       // JSON
};
std::optional<StreamFault> StreamFaultOf(const CallOutcome& outcome);

}  // namespace smhost
