// The command line of smhost-worker, shared with the scripted test worker.
#pragma once

#include "worker/model.h"

namespace smhost {

// smhost-worker launcher --home DIR [--log PATH] [--beat-fd N]. Exit codes: 0 ended by a signal, 1 failed, 2 wrong usage.
int RunWorkerProgram(int argc, char** argv, Backend& backend);

}  // namespace smhost
