// An alarm as it is: its document and the controller's status put together, as AWS's DescribeAlarms spells it.
// Reads; changes nothing. One thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/json.h"
#include "context.h"
#include "exit.h"
#include "resources/kind.h"

namespace smhost::cli {

// One element of MetricAlarms, times as ISO 8601. `status` is null before the first evaluation.
Json AlarmJson(const Resource& alarm, const Json& status);
Result<Json> ReadAlarm(Context& context, const std::string& name);
Json ReadAlarm(Context& context, const Resource& alarm);

// "OK", "ALARM", "INSUFFICIENT_DATA"
const std::vector<std::string>& AlarmStates();

// Until the alarm is in the state. kNoRuntime where none runs, kTimedOut when the time is over, kEndedFailed when the
// alarm is deleted meanwhile.
VerbResult AwaitAlarm(Context& context, const std::string& name, const std::string& state, std::chrono::milliseconds timeout);

}  // namespace smhost::cli
