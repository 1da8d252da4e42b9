#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace smhost {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "smhost: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace smhost
