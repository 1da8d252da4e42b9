// Stored requests and the answers expected to them: a resource Smhost::GoldenSet, or golden/golden.json in an artifact.
// Any thread; pure: files that a set of an artifact names are read by whoever runs it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace smhost {

struct GoldenRequest {
  std::string name;  // may be empty
  std::string body, body_file;
  std::string content_type = "application/json";
  std::string accept;
  std::optional<std::string> expected;  // absent, and no file: any answer of the status
  std::string expected_file;
  std::string expected_type;  // empty: any
  int expected_status = 200;
};

struct GoldenSet {
  double tolerance = 0, relative_tolerance = 0;
  std::optional<std::chrono::milliseconds> latency_budget;
  std::vector<GoldenRequest> requests;
};

// From the properties of a document. `files_allowed`: BodyFile and ExpectedFile may stand for Body and Expected, names of
// files beside golden.json. kInvalid names the first fault, as "Requests[2].BodyBase64: …".
Result<GoldenSet> ParseGoldenSet(const Json& properties, bool files_allowed);

}  // namespace smhost
