#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/descriptor.h"
#include "base/lock.h"
#include "base/random.h"

namespace smhost {
namespace {

namespace fs = std::filesystem;

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

struct SystemLock final : HeldLock {
  explicit SystemLock(FileLock lock) : lock(std::move(lock)) {}
  FileLock lock;
};

class SystemFiles final : public Files {
 public:
  Result<std::string> Read(const std::string& path, std::size_t max_bytes) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) return FailErrno("open", path, errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return FailErrno("stat", path, errno);
    if (!S_ISREG(info.st_mode)) return Fail(Code::kInvalid, path + ": not a regular file");
    std::string bytes;
    char part[64 * 1024];
    for (;;) {
      ssize_t n = ::read(fd.get(), part, sizeof part);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return FailErrno("read", path, errno);
      if (n == 0) return bytes;
      if (bytes.size() + static_cast<std::size_t>(n) > max_bytes)
        return Fail(Code::kTooLarge, path + ": larger than the " + std::to_string(max_bytes) + " bytes allowed");
      bytes.append(part, static_cast<std::size_t>(n));
    }
  }

  Status WriteNew(const std::string& path, std::string_view bytes, int mode) override {
    return Create(path, bytes, mode, true);
  }
  Status WriteNewUnsynced(const std::string& path, std::string_view bytes, int mode) override {
    return Create(path, bytes, mode, false);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return FailErrno("rename to it", to, errno);
    return {};
  }

  Status Link(const std::string& from, const std::string& to) override {
    // Linked under another name and renamed: there is no moment without `to`.
    std::string temporary = TemporaryPath(to);
    if (::link(from.c_str(), temporary.c_str()) != 0) {
      if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK) return FailErrno("link", to, errno);
      SMHOST_TRY(std::string bytes, Read(from, SIZE_MAX));
      SMHOST_TRY_STATUS(WriteNew(temporary, bytes, 0600));
    }
    int error = ::rename(temporary.c_str(), to.c_str()) != 0 ? errno : 0;
    ::unlink(temporary.c_str());  // still there where both were the same file already
    if (error != 0) return FailErrno("link", to, error);
    return {};
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return FailErrno("remove", path, errno);
    return {};
  }

  Status RemoveTree(const std::string& path) override {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) return FailErrno("remove", path, error.value());
    return {};
  }

  Status SyncFolder(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return FailErrno("open", path, errno);
    if (::fsync(fd.get()) != 0) return FailErrno("sync", path, errno);
    return {};
  }

  Status MakeFolders(const std::string& path, int mode) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
      if (!S_ISDIR(info.st_mode)) return FailErrno("make folder", path, ENOTDIR);
      return {};
    }
    std::string parent = FolderOf(path);
    if (parent != path) SMHOST_TRY_STATUS(MakeFolders(parent, mode));
    bool ours = ::mkdir(path.c_str(), mode) == 0;
    if (!ours && errno != EEXIST) return FailErrno("make folder", path, errno);
    Status synced = SyncFolder(parent);
    // A folder that may vanish in a power cut must not look finished to the next caller.
    if (!synced && ours) ::rmdir(path.c_str());
    return synced;
  }

  Result<std::vector<FileEntry>> List(const std::string& path) override {
    std::vector<FileEntry> entries;
    std::error_code error;
    fs::directory_iterator it(path, error), end;
    for (; !error && it != end; it.increment(error)) {
      std::error_code ignored;
      entries.push_back({it->path().filename().string(), it->is_directory(ignored)});
    }
    if (error) return FailErrno("list", path, error.value());
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

  bool Exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<FileInfo> Info(const std::string& path) override {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return FailErrno("stat", path, errno);
    auto since_epoch = std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec);
    return FileInfo{S_ISDIR(info.st_mode),
                    S_ISREG(info.st_mode),
                    static_cast<int>(info.st_mode & 07777),
                    info.st_uid,
                    static_cast<std::uint64_t>(info.st_size),
                    WallTime(since_epoch)};
  }

  Status SetMode(const std::string& path, int mode) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) return FailErrno("open", path, errno);
    if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) return FailErrno("change the mode of", path, errno);
    return {};
  }

  Result<std::unique_ptr<HeldLock>> Lock(const std::string& path, std::chrono::milliseconds wait) override {
    SMHOST_TRY(FileLock lock, FileLock::Take(path, wait));
    return std::make_unique<SystemLock>(std::move(lock));
  }

 private:
  Status Create(const std::string& path, std::string_view bytes, int mode, bool sync) {
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd) return FailErrno("create", path, errno);
    Status done = WriteAll(fd.get(), bytes, path);
    if (done && sync && ::fsync(fd.get()) != 0) done = FailErrno("sync", path, errno);
    if (!done) ::unlink(path.c_str());
    return done;
  }
};

}  // namespace

std::unique_ptr<Files> MakeSystemFiles() { return std::make_unique<SystemFiles>(); }

std::string FolderOf(const std::string& path) {
  auto slash = path.find_last_of('/');
  if (slash == std::string::npos || slash == 0) return "/";
  return path.substr(0, slash);
}

Status WriteDurably(Files& files, const std::string& path, std::string_view bytes, int mode, bool keep_previous) {
  std::string temporary = TemporaryPath(path);
  SMHOST_TRY_STATUS(files.WriteNew(temporary, bytes, mode));
  auto finish = [&]() -> Status {
    if (keep_previous && files.Exists(path)) SMHOST_TRY_STATUS(files.Link(path, path + ".prev"));
    return files.Rename(temporary, path);
  };
  if (Status done = finish(); !done) {
    (void)files.Remove(temporary);
    return done;
  }
  return files.SyncFolder(FolderOf(path));
}

Status WriteAtomically(Files& files, const std::string& path, std::string_view bytes, int mode) {
  std::string temporary = TemporaryPath(path);
  SMHOST_TRY_STATUS(files.WriteNewUnsynced(temporary, bytes, mode));
  Status done = files.Rename(temporary, path);
  if (!done) (void)files.Remove(temporary);
  return done;
}

constexpr std::size_t kTemporaryDigits = 16;

std::string TemporaryPath(const std::string& path) { return path + ".tmp." + RandomHex(kTemporaryDigits / 2); }

bool IsTemporaryName(std::string_view name) {
  auto at = name.rfind(".tmp.");
  if (at == std::string_view::npos || name.size() != at + 5 + kTemporaryDigits) return false;
  return name.find_first_not_of("0123456789abcdef", at + 5) == std::string_view::npos;
}

Status RemoveDurably(Files& files, const std::string& path) {
  // The previous copy first: a crash between the two must not bring an older document back.
  if (files.Exists(path + ".prev")) SMHOST_TRY_STATUS(files.Remove(path + ".prev"));
  SMHOST_TRY_STATUS(files.Remove(path));
  return files.SyncFolder(FolderOf(path));
}

}  // namespace smhost
