// A line in the process's log, for files that cannot include base/log.h: torch brings another version of a library that
// it needs.
#pragma once

#include <string>

namespace smhost {
void Note(const std::string& line);
}
