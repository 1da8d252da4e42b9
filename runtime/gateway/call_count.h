// What a call's end adds to the counters of the variant that took it. On the loop's thread.
#pragma once

#include "gateway/call.h"
#include "gateway/http_response.h"

namespace smhost {

// `answer`: what its client gets.
void CountCall(const CallOutcome& outcome, const HttpAnswer& answer, MonotonicTime arrived, MonotonicTime now);

}  // namespace smhost
