// `smhostd gateway --home H [--tcp-fd N] --unix-fd N`: the data plane's process. Returns its exit status: 0 after an
// orderly end, 1 where it could not start, 2 for wrong usage. The log and the title are set here.
#pragma once

namespace smhost {

int GatewayMain(int argc, char** argv);

}  // namespace smhost
