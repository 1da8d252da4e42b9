// The program of the API process: `smhostd api`, which the supervisor starts.
#pragma once

namespace smhost {

// argv[0] is ignored. The exit status.
int ApiMain(int argc, char** argv);

}  // namespace smhost
