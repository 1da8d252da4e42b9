// A file system in memory that forgets like a real one: what was not synced is gone after Crash(). Its n-th changing
// call fails, or the power goes during it, as a test wants. Thread-safe, locks included.
//
// What is durable: a file's bytes after WriteNew (which syncs); a name (created, renamed, linked or removed) once its
// folder was synced, by SyncFolder or by MakeFolders for the folders it makes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/files.h"

namespace smhost {

class FakeFiles final : public Files {
 public:
  FakeFiles();
  ~FakeFiles() override;

  // --- faults. Calls that change something are counted from 1: WriteNew, WriteNewUnsynced, Rename, Link, Remove,
  // RemoveTree, SyncFolder, MakeFolders, SetMode.
  int calls() const;
  // The n-th call from now on fails with the error number (ENOSPC, EIO, …) and changes nothing.
  void FailCall(int n, int error_number);
  // That one and the next, `count` in all.
  void FailCalls(int n, int count, int error_number);
  // That one and all after it, until StopFailing().
  void FailFrom(int n, int error_number);
  void StopFailing();
  // Reading this path fails (EIO, EACCES); 0: no longer.
  void FailRead(const std::string& path, int error_number);
  // The power goes during the n-th call from now on: of a write `torn_bytes` are in the file, anything else is not
  // done; it and all calls after it fail until Crash().
  void CutPower(int n, std::size_t torn_bytes = 0);

  // What a machine without power forgets. Names: all changes not synced, except those made by the first `kept` of the
  // calls (calls() keeps all of them: a journal that was just written out). Bytes of files that were never synced.
  enum class Unsynced { kEmpty, kZeros, kHalf };
  void Crash(int kept = 0, Unsynced bytes = Unsynced::kEmpty);

  // --- looking at it, and other people's doings: these are no counted calls and are durable at once.
  void Put(const std::string& path, std::string_view bytes, int mode = 0600);
  std::string Get(const std::string& path) const;  // empty where there is none
  // Every file with its bytes, by path.
  std::map<std::string, std::string> AllFiles() const;
  void SetOwner(const std::string& path, unsigned owner);
  void SetNow(WallTime now);  // the modification time of what is written from now on

  Result<std::string> Read(const std::string& path, std::size_t max_bytes) override;
  Status WriteNew(const std::string& path, std::string_view bytes, int mode) override;
  Status WriteNewUnsynced(const std::string& path, std::string_view bytes, int mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Link(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status RemoveTree(const std::string& path) override;
  Status SyncFolder(const std::string& path) override;
  Status MakeFolders(const std::string& path, int mode) override;
  Result<std::vector<FileEntry>> List(const std::string& path) override;
  bool Exists(const std::string& path) override;
  Result<FileInfo> Info(const std::string& path) override;
  Status SetMode(const std::string& path, int mode) override;
  Result<std::unique_ptr<HeldLock>> Lock(const std::string& path, std::chrono::milliseconds wait) override;

 private:
  struct Node;
  class Hold;
  using NodePointer = std::shared_ptr<Node>;

  NodePointer Find(const std::string& path) const;
  // The folder of `path`, or an errno.
  Result<NodePointer> Parent(const std::string& path, const char* act) const;
  NodePointer MakeFile(std::string_view bytes, int mode, bool synced) const;
  Status Write(const std::string& path, std::string_view bytes, int mode, bool synced);
  Status MakeFoldersLocked(const std::string& path, int mode);
  // Counts the call; the failure that was ordered for it.
  Status Enter(const char* act, const std::string& path);
  void Changed(const NodePointer& folder);  // remembers the folder's names as of this call
  void ForgetUnsynced(Node& folder, int kept, Unsynced bytes);
  void Collect(const Node& folder, const std::string& path, std::map<std::string, std::string>& out) const;

  mutable std::mutex mutex_;
  std::condition_variable unlocked_;
  std::set<std::string> locked_;
  NodePointer root_;
  int calls_ = 0;
  int fail_at_ = 0, fail_count_ = 0, fail_error_ = 0;
  int power_at_ = 0;
  std::size_t torn_bytes_ = 0;
  std::map<std::string, int> read_errors_;
  WallTime now_;
};

}  // namespace smhost
