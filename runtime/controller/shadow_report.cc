#include "controller/shadow_report.h"

namespace smhost {

Json ShadowReportOf(const CounterSnapshot& c) {
  if (c.Empty()) return Json();
  Json report = {{"Invocations", c.invocations},
                 {"Errors4XX", c.errors_4xx},
                 {"Errors5XX", c.errors_5xx},
                 {"Compared", c.shadow_compared},
                 {"StatusMismatches", c.shadow_status_mismatches},
                 {"ShapeMismatches", c.shadow_shape_mismatches},
                 {"Dropped", c.shadow_dropped}};
  if (c.shadow_compared > 0) {
    report["MeanDifference"] = c.shadow_difference_sum / static_cast<double>(c.shadow_compared);
    report["LargestDifference"] = c.shadow_difference_largest;
  }
  if (c.model.count > 0)
    report["AverageModelLatencyMicroseconds"] = static_cast<double>(c.model.sum_us) / static_cast<double>(c.model.count);
  return report;
}

}  // namespace smhost
