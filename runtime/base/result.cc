#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace smhost {

const char* CodeName(Code code) {
  switch (code) {
    case Code::kInvalid: return "Invalid";
    case Code::kNotFound: return "NotFound";
    case Code::kConflict: return "Conflict";
    case Code::kTooLarge: return "TooLarge";
    case Code::kUnsupported: return "Unsupported";
    case Code::kUnavailable: return "Unavailable";
    case Code::kTimedOut: return "TimedOut";
    case Code::kCorrupt: return "Corrupt";
    case Code::kNewerFormat: return "NewerFormat";
    case Code::kDenied: return "Denied";
    case Code::kInternal: return "Internal";
  }
  return "Internal";
}

namespace {
const char* RemedyFor(int error_number) {
  switch (error_number) {
    case ENOSPC: return "; free some space on its file system and try again";
    case EDQUOT: return "; the disk quota is used up: free some space and try again";
    case EROFS: return "; its file system is read-only: mount it writable or choose another place";
    case EMFILE: return "; raise the limit on open files (ulimit -n) and try again";
    case EIO: return "; the disk failed: look into the kernel's log (dmesg)";
    default: return "";
  }
}
}  // namespace

tl::unexpected<Error> FailErrno(const char* act, const std::string& path, int error_number) {
  return Fail(error_number == ENOENT ? Code::kNotFound : Code::kUnavailable,
              path + ": cannot " + act + ": " + std::generic_category().message(error_number) +
                  RemedyFor(error_number));
}

}  // namespace smhost
