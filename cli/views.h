// How resources look: as rows of a table, and as pages for people (as AWS's operations return them: api/sagemaker_descriptions.h).
// Pure: what is shown was read before.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "api/endpoint_state.h"
#include "api/sagemaker_descriptions.h"
#include "output.h"
#include "resources/kind.h"
#include "state/history.h"

namespace smhost::cli {

// "endpoint/vad"
std::string ResourceWord(Kind kind, const std::string& name);

std::vector<std::string> HeadingOf(Kind kind);
std::vector<std::string> RowOf(const Resource& resource, WallTime now);
std::vector<std::string> RowOf(const EndpointState& state, const Output& out, WallTime now);

std::string DescribePage(const Resource& resource, WallTime now);
// `described`: AlarmJson of alarm_state.h.
std::vector<std::string> AlarmRow(const Resource& alarm, const Json& described, const Output& out, WallTime now);
std::string AlarmPage(const Resource& alarm, const Json& described, const std::vector<Event>& events, const Output& out,
                      WallTime now);
// `events`: the last ones of the endpoint.
std::string DescribePage(const EndpointState& state, const std::vector<Event>& events, const Output& out, WallTime now);

}  // namespace smhost::cli
