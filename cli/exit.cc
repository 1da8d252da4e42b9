#include "exit.h"

namespace smhost::cli {

Exit ExitOf(const Error& error) {
  if (error.resource == kRuntimeResource && error.code != Code::kTimedOut) return Exit::kNoRuntime;
  switch (error.code) {
    case Code::kInvalid:
    case Code::kTooLarge:
    case Code::kUnsupported:
      return Exit::kInvalid;
    case Code::kNotFound:
      return Exit::kNotFound;
    case Code::kTimedOut:
      return Exit::kTimedOut;
    case Code::kConflict:
    case Code::kUnavailable:
    case Code::kCorrupt:
    case Code::kNewerFormat:
    case Code::kDenied:
    case Code::kInternal:
      return Exit::kFailed;
  }
  return Exit::kFailed;
}

}  // namespace smhost::cli
