// What a verb ends with: an exit code, or a failure that main prints and turns into one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace smhost::cli {

enum class Exit {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kInvalid = 4,
  kEndedFailed = 5,  // ended in a failed state, or rolled back
  kTimedOut = 6,
  kNoRuntime = 7,
};

// Failures of the runtime's socket carry this as their resource; they end with kNoRuntime.
inline constexpr const char* kRuntimeResource = "runtime";

Exit ExitOf(const Error& error);

struct Failure {
  Exit exit = Exit::kFailed;
  Error error;
  std::vector<Error> faults;  // where one document has several: printed before `error`, which sums them up

  Failure() = default;
  Failure(Error e) : exit(ExitOf(e)), error(std::move(e)) {}  // implicit: SMHOST_TRY passes an Error on
  Failure(Exit x, Error e) : exit(x), error(std::move(e)) {}
};

using VerbResult = tl::expected<Exit, Failure>;

inline tl::unexpected<Failure> FailUsage(std::string message) {
  return tl::unexpected<Failure>(Failure(Exit::kUsage, Error{Code::kInvalid, std::move(message), {}}));
}
inline tl::unexpected<Failure> FailWith(Exit exit, Code code, std::string message, std::string resource = {}) {
  return tl::unexpected<Failure>(Failure(exit, Error{code, std::move(message), std::move(resource)}));
}

}  // namespace smhost::cli
