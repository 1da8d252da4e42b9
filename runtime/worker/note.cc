#include "worker/note.h"

#include "base/log.h"

namespace smhost {
void Note(const std::string& line) { spdlog::info("{}", line); }
}  // namespace smhost
