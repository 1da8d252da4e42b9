// What `describe endpoint` shows, made of the wish, the journal and what was observed: AWS's DescribeEndpoint with ISO 8601
// times, and under "Smhost" what AWS does not tell. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "planning/endpoint_condition.h"
#include "planning/endpoint_plan.h"
#include "resources/kind.h"

namespace smhost {

struct ShownInstance {
  ObservedInstance seen;
  int pid = 0, restarts = 0;
};

struct StatusInputs {
  std::string name;
  const Resource* endpoint = nullptr;  // null: it is being deleted
  const Json* previous = nullptr;      // the status before, for times that go on
  const Journal* journal = nullptr;
  EndpointCondition condition;
  std::vector<ShownInstance> instances;
  Json generations;  // {"endpoint":g,"endpoint-config":g,"models":{name:g}}: the documents that this status speaks of
  WallTime now{};
  MonotonicTime monotonic{};
  // What was counted of a shadow variant; null: nothing.
  std::function<Json(const std::string& variant)> shadow_report;
};

Json MakeStatus(const StatusInputs& inputs);

}  // namespace smhost
