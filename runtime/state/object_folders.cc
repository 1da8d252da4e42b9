#include "state/object_folders.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/files.h"
#include "base/random.h"

namespace smhost::object_folders {
namespace {

constexpr std::size_t kCopyBytes = 1 << 20;

std::vector<std::string> PartsOf(const ObjectAddress& address) {
  std::vector<std::string> parts{address.bucket};
  for (std::size_t at = 0; at <= address.key.size();) {
    std::size_t slash = std::min(address.key.find('/', at), address.key.size());
    parts.push_back(address.key.substr(at, slash - at));
    at = slash + 1;
  }
  return parts;
}

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

std::string PathOf(const std::string& root, const ObjectAddress& address) {
  return root + "/" + address.bucket + "/" + address.key;
}

std::string LastPart(const ObjectAddress& address) { return address.key.substr(address.key.find_last_of('/') + 1); }

Status CheckObject(const ObjectAddress& address) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl(address)));
  if (address.key.empty() || address.key.back() == '/')
    return Fail(Code::kInvalid, ObjectUrl(address) + ": names no object: the key is missing after the last slash");
  return {};
}

tl::unexpected<Error> NoSuchObject(const ObjectAddress& address) {
  return Fail(Code::kNotFound, ObjectUrl(address) + ": no such object in the local object store; `smhost cp FILE " +
                                   ObjectUrl(address) + "` puts one there");
}

tl::unexpected<Error> NoSuchBucket(const std::string& bucket) {
  return Fail(Code::kNotFound, "s3://" + bucket + ": no such bucket in the local object store; `smhost cp FILE s3://" +
                                   bucket + "/KEY` makes it");
}

tl::unexpected<Error> FailStep(const ObjectAddress& address, const std::string& path, int error) {
  if (error == ENOTDIR || error == EISDIR || error == ELOOP)
    return Fail(Code::kConflict,
                ObjectUrl(address) + ": " + path +
                    " is in the way (a file, folder or link; the local "
                    "object store keeps \"a/b\" as a file in a folder \"a\"): remove it or use another key");
  return FailErrno("open", path, error);
}

Result<Descriptor> OpenRoot(const std::string& root) {
  Descriptor fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return FailErrno("open", root, errno);
  return fd;
}

Result<Descriptor> OpenBucket(const std::string& root, const std::string& bucket) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl({bucket, ""})));
  SMHOST_TRY(Descriptor folder, OpenRoot(root));
  Descriptor fd(::openat(folder.get(), bucket.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno == ENOENT) return NoSuchBucket(bucket);
  if (!fd) return FailStep({bucket, ""}, root + "/" + bucket, errno);
  return fd;
}

Result<Descriptor> OpenFolderOf(const std::string& root, const ObjectAddress& address, Making making) {
  SMHOST_TRY(Descriptor folder, OpenRoot(root));
  std::vector<std::string> parts = PartsOf(address);
  std::string path = root;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    path += "/" + parts[i];
    bool make = making == Making::kAll || (making == Making::kBelowBucket && i > 0);
    if (make && ::mkdirat(folder.get(), parts[i].c_str(), 0700) == 0) {
      if (::fsync(folder.get()) != 0) {
        int error = errno;
        // A folder that may vanish in a power cut must not look finished to the next caller.
        ::unlinkat(folder.get(), parts[i].c_str(), AT_REMOVEDIR);
        return FailErrno("sync the folder of", path, error);
      }
    } else if (make && errno != EEXIST) {
      return FailErrno("make folder", path, errno);
    }
    Descriptor next(::openat(folder.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == ENOENT && !make)
      return i == 0 && making != Making::kNothing ? NoSuchBucket(address.bucket) : NoSuchObject(address);
    if (!next) return FailStep(address, path, errno);
    folder = std::move(next);
  }
  return folder;
}

WallTime ModifiedOf(const struct stat& info) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(info.st_mtim.tv_sec) +
                                                                 std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
}

Result<std::vector<Entry>> EntriesOf(int folder, const std::string& path) {
  int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return FailErrno("open", path, errno);
  std::unique_ptr<DIR, FolderCloser> stream(::fdopendir(own));
  if (!stream) {
    int error = errno;
    ::close(own);
    return FailErrno("list", path, error);
  }
  std::vector<Entry> entries;
  errno = 0;
  while (const dirent* item = ::readdir(stream.get())) {
    Entry entry{item->d_name, {}};
    if (entry.name == "." || entry.name == "..") continue;
    // One that vanished meanwhile is left out.
    if (::fstatat(folder, item->d_name, &entry.info, AT_SYMLINK_NOFOLLOW) == 0) entries.push_back(std::move(entry));
    errno = 0;
  }
  if (errno != 0) return FailErrno("list", path, errno);
  return entries;
}

Status WriteAll(int to, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailErrno("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status CopyBytes(int from, int to, const std::string& from_path, const std::string& to_path) {
  auto buffer = std::make_unique<char[]>(kCopyBytes);
  for (;;) {
    ssize_t count = ::read(from, buffer.get(), kCopyBytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno("read", from_path, errno);
    if (count == 0) return {};
    SMHOST_TRY_STATUS(WriteAll(to, {buffer.get(), static_cast<std::size_t>(count)}, to_path));
  }
}

Result<Temporary> Temporary::Make(int folder, const std::string& folder_path, const std::string& prefix, mode_t mode) {
  Temporary made;
  made.folder_ = folder;
  made.name_ = prefix + RandomHex(8);
  made.fd_ = Descriptor(::openat(folder, made.name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!made.fd_) return FailErrno("create", folder_path + "/" + made.name_, errno);
  (void)::flock(made.fd_.get(), LOCK_EX | LOCK_NB);
  return made;
}

Temporary::~Temporary() {
  if (fd_ && !name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
}

int Temporary::RenameTo(int folder, const std::string& name, bool only_new) {
  if (!only_new) {
    if (::renameat(folder_, name_.c_str(), folder, name.c_str()) != 0) return errno;
    name_.clear();
    return 0;
  }
  // Unlike renameat2's, every file system knows this one; the second name goes with this object.
  return ::linkat(folder_, name_.c_str(), folder, name.c_str(), 0) == 0 ? 0 : errno;
}

}  // namespace smhost::object_folders
