// Puts several documents in place together: after any crash all of them are new or none is, once the next holder of the
// account's lock has called FinishBatch. Only under the account's lock.
//
// How: each new text is written to a temporary file (all space is taken here: a full disk stops it with nothing
// changed); then the list of moves is written durably to pending.json (from here on it counts); then the files are
// moved, and the list goes. Whoever finds a list makes the moves that are left.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"

namespace smhost {

struct NewDocument {
  std::string path;  // under <account>/resources/, its folder exists
  std::string text;
};

// `account_folder` is the folder that holds pending.json. A failure after the list is durable says that the rest
// follows.
Status WriteBatch(Files& files, const std::string& account_folder, const std::vector<NewDocument>& documents);

// Completes what a crash or a failed disk left; done too where nothing was. Removes no other temporary files.
Status FinishBatch(Files& files, const std::string& account_folder);

}  // namespace smhost
