// `smhostd up`: becomes the supervisor of a home, in the background unless told otherwise. The calling process ends
// with 0 once the runtime's sockets listen, else with the status and one line on stderr (startup.h).
//
// SIGTERM, SIGINT: orderly stop; a second one kills. SIGHUP: gateway, controller and launcher anew, and no connection is
// refused meanwhile.
#pragma once

#include <string>
#include <vector>

namespace smhost {

int SupervisorMain(const std::vector<std::string>& words, const std::string& version);

}  // namespace smhost
