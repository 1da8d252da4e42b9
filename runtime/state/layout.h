// Makes the state directory ready for use: the root, its folders, and the file that says which format they have.
// Called at the start of every process and command that writes; safe to call by several at once.
#pragma once

#include "base/files.h"
#include "state/home.h"

namespace smhost {

inline constexpr int kHomeFormat = 1;

// Changes nothing where it refuses: kNewerFormat for a directory of a newer smhost, kConflict for a folder that holds
// other things, kDenied for somebody else's. A root that others may read is closed to them (0700).
Status PrepareHome(Files& files, const Home& home);

// The refusals of PrepareHome for one that only reads; kNotFound where there is no state directory yet.
Status CheckHome(Files& files, const Home& home);

}  // namespace smhost
