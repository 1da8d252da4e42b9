// The tree that an archive's entries make, without a disk: tells which folders an entry needs and refuses entries that
// collide or are too many. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "artifacts/unpack_limits.h"
#include "base/result.h"

namespace smhost {

class TreePlan {
 public:
  explicit TreePlan(const UnpackLimits& limits) : limits_(limits) {}

  // `path` as CheckEntryName gives it. The folders to make before it (for AddFolder itself included), outermost first.
  // An error's message is only the reason. A folder may be named again, a file may not.
  Result<std::vector<std::string>> AddFile(const std::string& path);
  Result<std::vector<std::string>> AddFolder(const std::string& path);

  // All folders but the root, each before those in it.
  std::vector<std::string> Folders() const;
  std::uint64_t files() const { return files_; }
  // Files and folders that exist now.
  std::uint64_t size() const { return kinds_.size(); }

 private:
  enum class Kind { kFile, kFolder };
  Status Count();
  Status AddMissing(const std::string& folder, std::vector<std::string>& missing);

  const UnpackLimits limits_;
  std::map<std::string, Kind> kinds_;
  std::uint64_t files_ = 0, counted_ = 0;
};

}  // namespace smhost
