#include "artifacts/fresh_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace smhost {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kReadOnlyFile = 0400, kReadOnlyFolder = 0500;

}  // namespace

Result<FreshFolder> FreshFolder::Open(const std::string& path) {
  Descriptor root(::open(path.c_str(), kFolderFlags));
  if (!root) return FailErrno("open", path, errno);
  return FreshFolder(std::move(root), path);
}

// Part by part: O_NOFOLLOW guards only the last part of a path.
Result<Descriptor> FreshFolder::OpenFolder(std::string_view relative) const {
  Descriptor folder(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 3));
  if (!folder) return FailErrno("open", path_, errno);
  while (!relative.empty()) {
    auto slash = relative.find('/');
    std::string part(relative.substr(0, slash));
    relative.remove_prefix(slash == std::string_view::npos ? relative.size() : slash + 1);
    Descriptor next(::openat(folder.get(), part.c_str(), kFolderFlags));
    if (!next) return FailErrno("open a folder in it", path_ + " (" + part + ")", errno);
    folder = std::move(next);
  }
  return folder;
}

Result<Descriptor> FreshFolder::OpenParent(const std::string& relative, std::string& name) const {
  auto slash = relative.rfind('/');
  name = slash == std::string::npos ? relative : relative.substr(slash + 1);
  return OpenFolder(std::string_view(relative).substr(0, slash == std::string::npos ? 0 : slash));
}

Status FreshFolder::MakeFolder(const std::string& relative) {
  std::string name;
  SMHOST_TRY(Descriptor parent, OpenParent(relative, name));
  if (::mkdirat(parent.get(), name.c_str(), 0700) != 0) return FailErrno("make folder", Full(relative), errno);
  return {};
}

Result<Descriptor> FreshFolder::CreateFile(const std::string& relative) {
  std::string name;
  SMHOST_TRY(Descriptor parent, OpenParent(relative, name));
  Descriptor file(
      ::openat(parent.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return FailErrno("create", Full(relative), errno);
  return file;
}

Status FreshFolder::Write(const Descriptor& file, const std::string& relative, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("write", Full(relative), errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Status FreshFolder::FinishFile(const Descriptor& file, const std::string& relative) {
  if (::fchmod(file.get(), kReadOnlyFile) != 0) return FailErrno("make read-only", Full(relative), errno);
  if (::fsync(file.get()) != 0) return FailErrno("sync", Full(relative), errno);
  return {};
}

Status FreshFolder::FinishFolders(const std::vector<std::string>& relative) {
  for (auto folder = relative.rbegin(); folder != relative.rend(); ++folder) {
    SMHOST_TRY(Descriptor fd, OpenFolder(*folder));
    if (::fchmod(fd.get(), kReadOnlyFolder) != 0) return FailErrno("make read-only", Full(*folder), errno);
    if (::fsync(fd.get()) != 0) return FailErrno("sync", Full(*folder), errno);
  }
  if (::fchmod(root_.get(), kReadOnlyFolder) != 0) return FailErrno("make read-only", path_, errno);
  if (::fsync(root_.get()) != 0) return FailErrno("sync", path_, errno);
  return {};
}

}  // namespace smhost
