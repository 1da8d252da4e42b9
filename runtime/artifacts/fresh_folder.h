// Writes a tree into an empty folder: relative to its descriptor, never through a link, never over anything, and readable
// by the owner alone in the end. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace smhost {

class FreshFolder {
 public:
  static Result<FreshFolder> Open(const std::string& path);

  // Paths are relative, their folders exist.
  Status MakeFolder(const std::string& relative);
  Result<Descriptor> CreateFile(const std::string& relative);
  Status Write(const Descriptor& file, const std::string& relative, std::string_view bytes);
  // Makes it read-only and durable.
  Status FinishFile(const Descriptor& file, const std::string& relative);
  // The same for the folders (each before those in it), and for the root.
  Status FinishFolders(const std::vector<std::string>& relative);

 private:
  FreshFolder(Descriptor root, std::string path) : root_(std::move(root)), path_(std::move(path)) {}
  std::string Full(const std::string& relative) const { return relative.empty() ? path_ : path_ + "/" + relative; }
  Result<Descriptor> OpenFolder(std::string_view relative) const;
  Result<Descriptor> OpenParent(const std::string& relative, std::string& name) const;

  Descriptor root_;
  std::string path_;
};

}  // namespace smhost
