// An assertion that stays on in every build: our own mistakes end the process, and whoever supervises it starts it anew.
#pragma once

namespace smhost {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}

#define SMHOST_CHECK(condition)                                                \
  do {                                                                         \
    if (!(condition)) ::smhost::CheckFailed(#condition, __FILE__, __LINE__);   \
  } while (false)
