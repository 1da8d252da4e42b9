// A file system that kills its user: the n-th changing call ends by a CrashNow that no code under test catches, before or
// after the call was done. What was written stays, as after kill -9. One thread.
#pragma once

#include <optional>

#include "base/files.h"

namespace smhost {

struct CrashNow {};

// Counts down to a crash; shared by all that can crash one simulated process.
class CrashPoint {
 public:
  // Before the n-th step from now on, n ≥ 1.
  void Arm(int n) { left_ = n; }
  void Disarm() { left_.reset(); }
  void Step() {
    if (!left_ || --*left_ > 0) return;
    left_.reset();
    throw CrashNow{};
  }

 private:
  std::optional<int> left_;
};

class CrashingFiles final : public Files {
 public:
  CrashingFiles(Files& files, CrashPoint& point) : files_(files), point_(point) {}

  Result<std::string> Read(const std::string& path, std::size_t most) override { return files_.Read(path, most); }
  Status WriteNew(const std::string& path, std::string_view bytes, int mode) override {
    point_.Step();
    return files_.WriteNew(path, bytes, mode);
  }
  Status WriteNewUnsynced(const std::string& path, std::string_view bytes, int mode) override {
    point_.Step();
    return files_.WriteNewUnsynced(path, bytes, mode);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    point_.Step();
    return files_.Rename(from, to);
  }
  Status Link(const std::string& from, const std::string& to) override {
    point_.Step();
    return files_.Link(from, to);
  }
  Status Remove(const std::string& path) override {
    point_.Step();
    return files_.Remove(path);
  }
  Status RemoveTree(const std::string& path) override {
    point_.Step();
    return files_.RemoveTree(path);
  }
  Status SyncFolder(const std::string& path) override {
    point_.Step();
    return files_.SyncFolder(path);
  }
  Status MakeFolders(const std::string& path, int mode) override {
    point_.Step();
    return files_.MakeFolders(path, mode);
  }
  Result<std::vector<FileEntry>> List(const std::string& path) override { return files_.List(path); }
  bool Exists(const std::string& path) override { return files_.Exists(path); }
  Result<FileInfo> Info(const std::string& path) override { return files_.Info(path); }
  Status SetMode(const std::string& path, int mode) override { return files_.SetMode(path, mode); }
  Result<std::unique_ptr<HeldLock>> Lock(const std::string& path, std::chrono::milliseconds wait) override {
    return files_.Lock(path, wait);
  }

 private:
  Files& files_;
  CrashPoint& point_;
};

}  // namespace smhost
