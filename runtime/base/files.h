// The seam to the file system. Everything durable goes through a Files, so that a test can lose what was not synced and
// fail the n-th call (tests/fakes/fake_files.h). Paths are absolute. Thread-safe: the system's own, stateless.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace smhost {

struct FileEntry {
  std::string name;  // without the folder
  bool is_folder = false;
};

class Files {
 public:
  virtual ~Files() = default;

  // The whole file; kNotFound, or kTooLarge where it has more than max_bytes.
  virtual Result<std::string> Read(const std::string& path, std::size_t max_bytes) = 0;
  // Creates (must not exist), writes and fsyncs. On failure nothing is left behind and the same descriptor is never
  // synced twice: after a failed fsync its pages are lost, whatever a second call says.
  virtual Status WriteNew(const std::string& path, std::string_view bytes, int mode) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // A second name for a file; replaces `to`.
  virtual Status Link(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;           // kNotFound if it is not there
  virtual Status RemoveTree(const std::string& path) = 0;       // done too if it is not there
  virtual Status SyncFolder(const std::string& path) = 0;
  virtual Status MakeFolders(const std::string& path, int mode) = 0;  // with parents; synced; done too if there
  virtual Result<std::vector<FileEntry>> List(const std::string& path) = 0;  // sorted by name
  virtual bool Exists(const std::string& path) = 0;
};

// The real one.
std::unique_ptr<Files> MakeSystemFiles();

// Replaces the file so that after any crash either the old or the new content is there, whole. Keeps the old content as
// `<path>.prev` if keep_previous. Leaves no temporary file behind on failure.
Status WriteDurably(Files& files, const std::string& path, std::string_view bytes, int mode = 0600,
                    bool keep_previous = false);
// Removes durably: after success no crash brings it back. Its .prev goes too.
Status RemoveDurably(Files& files, const std::string& path);

// "a/b" of "a/b/c".
std::string FolderOf(const std::string& path);

}  // namespace smhost
