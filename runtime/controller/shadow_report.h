// What was counted of a shadow variant, as `describe` shows it. Pure.
#pragma once

#include "base/json.h"
#include "telemetry/counter_snapshot.h"

namespace smhost {

// {"Invocations","Errors4XX","Errors5XX","Compared","StatusMismatches","ShapeMismatches","Dropped","MeanDifference",
// "LargestDifference","AverageModelLatencyMicroseconds"}; null where nothing was counted.
Json ShadowReportOf(const CounterSnapshot& counted);

}  // namespace smhost
