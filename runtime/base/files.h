// The seam to the file system. Everything durable goes through a Files, so that a test can lose what was not synced and
// fail the n-th call (tests/fakes/fake_files.h). Paths are absolute. Thread-safe: the system's own, stateless.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace smhost {

struct FileEntry {
  std::string name;  // without the folder
  bool is_folder = false;
};

struct FileInfo {
  bool is_folder = false, is_file = false;  // neither: a link, a socket, a device
  int mode = 0;                             // permission bits
  unsigned owner = 0;                       // user id
  std::uint64_t size_bytes = 0;
  WallTime modified;
};

// A lock that is held until this goes.
class HeldLock {
 public:
  virtual ~HeldLock() = default;
};

class Files {
 public:
  virtual ~Files() = default;

  // The whole file; kNotFound, or kTooLarge where it has more than max_bytes.
  virtual Result<std::string> Read(const std::string& path, std::size_t max_bytes) = 0;
  // Creates (must not exist), writes and fsyncs. On failure nothing is left behind and the same descriptor is never
  // synced twice: after a failed fsync its pages are lost, whatever a second call says.
  virtual Status WriteNew(const std::string& path, std::string_view bytes, int mode) = 0;
  // The same without the fsync, for what can be derived anew: a power cut may leave it empty, cut or full of zeros.
  virtual Status WriteNewUnsynced(const std::string& path, std::string_view bytes, int mode) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // A second name for a file; replaces `to` in one step. Where the file system knows no links: a synced copy.
  virtual Status Link(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;      // kNotFound if it is not there
  virtual Status RemoveTree(const std::string& path) = 0;  // done too if it is not there
  virtual Status SyncFolder(const std::string& path) = 0;
  // With parents; synced, and what could not be synced is taken back; done too if there.
  virtual Status MakeFolders(const std::string& path, int mode) = 0;
  virtual Result<std::vector<FileEntry>> List(const std::string& path) = 0;  // sorted by name
  virtual bool Exists(const std::string& path) = 0;
  virtual Result<FileInfo> Info(const std::string& path) = 0;  // of the name itself: a link is not followed
  virtual Status SetMode(const std::string& path, int mode) = 0;
  // Locks against other processes and other threads, as FileLock does: kConflict if it is held all that time.
  virtual Result<std::unique_ptr<HeldLock>> Lock(const std::string& path, std::chrono::milliseconds wait) = 0;
};

// The real one.
std::unique_ptr<Files> MakeSystemFiles();

// Replaces the file so that after any crash either the old or the new content is there, whole. Keeps the old content as
// `<path>.prev` if keep_previous. Leaves no temporary file behind on failure.
Status WriteDurably(Files& files, const std::string& path, std::string_view bytes, int mode = 0600,
                    bool keep_previous = false);
// Replaces the file so that a reader and a killed writer see the old or the new content, whole; a power cut may lose or
// tear it. Cheap: nothing is synced.
Status WriteAtomically(Files& files, const std::string& path, std::string_view bytes, int mode = 0600);
// A name beside `path` for what is renamed to it later; never given twice, not to another process with our pid either.
std::string TemporaryPath(const std::string& path);
// Is it such a name, left behind by a process that died?
bool IsTemporaryName(std::string_view name);
// Removes durably: after success no crash brings it back. Its .prev goes too.
Status RemoveDurably(Files& files, const std::string& path);

// "a/b" of "a/b/c".
std::string FolderOf(const std::string& path);

}  // namespace smhost
