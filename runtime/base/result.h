// The one way to report that something did not work: a value, never an exception.
// Libraries that throw are wrapped where they are called; nothing of theirs crosses a folder's border.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace smhost {

// What kind of failure it is. The command line makes its exit code of it, the gateway its HTTP status.
enum class Code {
  kInvalid,      // the caller's document or request breaks a rule
  kNotFound,     // the named thing does not exist
  kConflict,     // somebody else changed it meanwhile, or it is in use
  kTooLarge,     // a limit of base/limits.h was passed
  kUnsupported,  // known, allowed by AWS, not built
  kUnavailable,  // the environment's fault: try again later
  kTimedOut,
  kCorrupt,      // a file of ours does not hold what we wrote
  kNewerFormat,  // written by a newer smhost
  kDenied,
  kInternal,     // our own mistake
};

// A stable word for scripts, e.g. "NotFound".
const char* CodeName(Code code);

struct Error {
  Code code = Code::kInternal;
  std::string message;   // object, act, cause, next step; one line
  std::string resource;  // e.g. "endpoint/vad"; empty where there is none
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> Fail(Code code, std::string message, std::string resource = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(resource)});
}
inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

// "PATH: cannot ACT: STRERROR" from errno, kUnavailable (kNotFound for ENOENT).
tl::unexpected<Error> FailErrno(const char* act, const std::string& path, int error_number);

#define SMHOST_CONCAT_INNER(a, b) a##b
#define SMHOST_CONCAT(a, b) SMHOST_CONCAT_INNER(a, b)
// SMHOST_TRY(auto x, Call()): x is the value, or this function returns the error.
#define SMHOST_TRY(declaration, call)                                         \
  auto SMHOST_CONCAT(try_, __LINE__) = (call);                                \
  if (!SMHOST_CONCAT(try_, __LINE__))                                         \
    return ::smhost::Fail(std::move(SMHOST_CONCAT(try_, __LINE__)).error());  \
  declaration = std::move(*SMHOST_CONCAT(try_, __LINE__))
#define SMHOST_TRY_STATUS(call)                              \
  do {                                                       \
    if (auto status_ = (call); !status_)                     \
      return ::smhost::Fail(std::move(status_).error());     \
  } while (false)

}  // namespace smhost
