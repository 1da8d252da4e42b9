#include "artifacts/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/descriptor.h"

namespace smhost {
namespace {

Status RemoveAt(int parent, const char* name, const std::string& path);

Status RemoveContent(Descriptor folder, const std::string& path) {
  // Without the right to write into it nothing in it can be removed.
  if (::fchmod(folder.get(), 0700) != 0) return FailErrno("make writable", path, errno);
  std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(folder.get()), &::closedir);
  if (!listing) return FailErrno("list", path, errno);
  int fd = folder.Release();
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(listing.get());
    if (entry == nullptr) break;
    if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
    SMHOST_TRY_STATUS(RemoveAt(fd, entry->d_name, path + "/" + entry->d_name));
  }
  if (errno != 0) return FailErrno("list", path, errno);
  return {};
}

Status RemoveAt(int parent, const char* name, const std::string& path) {
  if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return FailErrno("remove", path, errno);
  Descriptor folder(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return FailErrno("open", path, errno);
  SMHOST_TRY_STATUS(RemoveContent(std::move(folder), path));
  if (::unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT) return FailErrno("remove", path, errno);
  return {};
}

}  // namespace

Status RemoveReadOnlyTree(const std::string& path) { return RemoveAt(AT_FDCWD, path.c_str(), path); }

}  // namespace smhost
