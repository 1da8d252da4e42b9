// `smhostd controller`: called by the supervisor through runtime/smhostd.cc.
#pragma once

namespace smhost {

// --home DIR --supervisor-fd N. Ends with 0 on SIGTERM (instances go on), 1 where the home cannot be used.
int ControllerMain(int argc, char** argv);

}  // namespace smhost
