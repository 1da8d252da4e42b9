// An endpoint's log as one stream: the files of all instances of all its variants, those that were rotated away too,
// merged by the time stamp that each line begins with. Reads what was added since the last call, so the same object
// serves `logs` and `logs -f`. One thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "watch.h"

namespace smhost::cli {

struct LogLine {
  std::string time;  // ISO 8601; of the line before where a line has none
  std::string variant, instance, message;
};

class LogFiles {
 public:
  // `folder`: the endpoint's, with one folder a variant; `variant` empty: all of them.
  LogFiles(std::string folder, std::string variant) : folder_(std::move(folder)), variant_(std::move(variant)) {}

  // Whole lines that came since the last call, the oldest first. Watches the folders if there is a watch.
  std::vector<LogLine> ReadNew(FolderWatch* watch);
  bool exists() const;
  std::vector<std::string> Variants() const;

 private:
  struct Place {
    off_t offset = 0;
    std::string last_time;
  };
  void ReadFile(const std::string& path, const std::string& variant, const std::string& instance,
                std::vector<LogLine>& into);

  std::string folder_, variant_;
  std::map<ino_t, Place> places_;  // by inode: a rotated file keeps its own
};

}  // namespace smhost::cli
