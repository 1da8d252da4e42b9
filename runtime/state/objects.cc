#include "state/objects.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/files.h"
#include "base/random.h"

namespace smhost {
namespace {

constexpr std::size_t kCopyBytes = 1 << 20;
constexpr const char* kTemporaryPrefix = ".put-";  // no bucket's name begins with a dot
constexpr int kPlaceTries = 8;
constexpr std::size_t kKeyBytes = 1024;  // what lies deeper no key can name

std::string PathOf(const std::string& root, const ObjectAddress& address) {
  return root + "/" + address.bucket + "/" + address.key;
}

std::vector<std::string> PartsOf(const ObjectAddress& address) {
  std::vector<std::string> parts{address.bucket};
  for (std::size_t at = 0; at <= address.key.size();) {
    std::size_t slash = std::min(address.key.find('/', at), address.key.size());
    parts.push_back(address.key.substr(at, slash - at));
    at = slash + 1;
  }
  return parts;
}

// An object, not a bucket or a prefix; checked anew, because the address may have been put together by hand.
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

// The step of the path that failed, in the words of an object store.
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

// The folder that holds the last part, reached without following a link. `make`: missing folders are made, durably.
Result<Descriptor> OpenFolderOf(const std::string& root, const ObjectAddress& address, bool make) {
  SMHOST_TRY(Descriptor folder, OpenRoot(root));
  std::vector<std::string> parts = PartsOf(address);
  std::string path = root;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    path += "/" + parts[i];
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
    if (!next && errno == ENOENT && !make) return NoSuchObject(address);
    if (!next) return FailStep(address, path, errno);
    folder = std::move(next);
  }
  return folder;
}

std::string LastPart(const ObjectAddress& address) { return address.key.substr(address.key.find_last_of('/') + 1); }

Status CopyBytes(int from, int to, const std::string& from_path, const std::string& to_path) {
  auto buffer = std::make_unique<char[]>(kCopyBytes);
  for (;;) {
    ssize_t count = ::read(from, buffer.get(), kCopyBytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno("read", from_path, errno);
    if (count == 0) return {};
    for (ssize_t done = 0; done < count;) {
      ssize_t written = ::write(to, buffer.get() + done, static_cast<std::size_t>(count - done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FailErrno("write", to_path, errno);
      done += written;
    }
  }
}

// A file under a name of its own in `folder`, locked while it is written, gone with this object unless it was renamed.
class Temporary {
 public:
  static Result<Temporary> Make(int folder, const std::string& folder_path, const std::string& prefix, mode_t mode) {
    Temporary made;
    made.folder_ = folder;
    made.name_ = prefix + RandomHex(8);
    made.fd_ =
        Descriptor(::openat(folder, made.name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!made.fd_) return FailErrno("create", folder_path + "/" + made.name_, errno);
    (void)::flock(made.fd_.get(), LOCK_EX | LOCK_NB);
    return made;
  }
  Temporary(Temporary&&) = default;
  ~Temporary() {
    if (fd_ && !name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
  }

  int fd() const { return fd_.get(); }
  // 0 or an errno.
  int RenameTo(int folder, const std::string& name) {
    if (::renameat(folder_, name_.c_str(), folder, name.c_str()) != 0) return errno;
    name_.clear();
    return 0;
  }

 private:
  Temporary() = default;
  Descriptor fd_;
  int folder_ = -1;
  std::string name_;
};

Status Place(Temporary& temporary, const std::string& root, const ObjectAddress& address) {
  for (int tries = 1;; ++tries) {
    auto folder = OpenFolderOf(root, address, true);
    int error = folder ? temporary.RenameTo(folder->get(), LastPart(address)) : 0;
    if (folder && error == 0) {
      if (::fsync(folder->get()) != 0) return FailErrno("sync the folder of", PathOf(root, address), errno);
      return {};
    }
    // Somebody removed the last object of the folder, and with it the folder, just now.
    bool vanished = folder ? error == ENOENT : folder.error().code == Code::kNotFound;
    if (vanished && tries < kPlaceTries) continue;
    if (!folder) return Fail(std::move(folder).error());
    return FailStep(address, PathOf(root, address), error);
  }
}

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

WallTime ModifiedOf(const struct stat& info) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(info.st_mtim.tv_sec) +
                                                                 std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
}

struct Entry {
  std::string name;
  struct stat info {};
};

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

// Files below `folder` whose key (`at` and their path) begins with the prefix. Links and devices are no objects.
Status Collect(int folder, const std::string& path, const std::string& at, const std::string& prefix,
               std::vector<ObjectInfo>& out) {
  SMHOST_TRY(auto entries, EntriesOf(folder, path));
  for (const Entry& entry : entries) {
    std::string key = at + entry.name;
    if (S_ISREG(entry.info.st_mode) && key.starts_with(prefix))
      out.push_back({key, static_cast<std::uint64_t>(entry.info.st_size), ModifiedOf(entry.info)});
    if (!S_ISDIR(entry.info.st_mode)) continue;
    key += '/';
    if (key.size() > kKeyBytes || (!key.starts_with(prefix) && !prefix.starts_with(key))) continue;
    Descriptor next(::openat(folder, entry.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == ENOENT) continue;
    if (!next) return FailErrno("open", path + "/" + entry.name, errno);
    SMHOST_TRY_STATUS(Collect(next.get(), path + "/" + entry.name, key, prefix, out));
  }
  return {};
}

}  // namespace

Status ObjectStore::Put(int source_fd, const ObjectAddress& address) {
  SMHOST_TRY_STATUS(CheckObject(address));
  SMHOST_TRY(Descriptor root, OpenRoot(root_));
  SMHOST_TRY(Temporary temporary, Temporary::Make(root.get(), root_, kTemporaryPrefix, 0600));
  SMHOST_TRY_STATUS(
      CopyBytes(source_fd, temporary.fd(), "the source of " + ObjectUrl(address), PathOf(root_, address)));
  if (::fsync(temporary.fd()) != 0) return FailErrno("sync", PathOf(root_, address), errno);
  return Place(temporary, root_, address);
}

Status ObjectStore::PutFile(const std::string& local_path, const ObjectAddress& address) {
  Descriptor source(::open(local_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!source) return FailErrno("open", local_path, errno);
  struct stat info {};
  if (::fstat(source.get(), &info) != 0) return FailErrno("stat", local_path, errno);
  if (!S_ISREG(info.st_mode)) return Fail(Code::kInvalid, local_path + ": is not a regular file");
  return Put(source.get(), address);
}

Result<OpenedObject> ObjectStore::Open(const ObjectAddress& address) {
  SMHOST_TRY_STATUS(CheckObject(address));
  SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, false));
  Descriptor fd(::openat(folder.get(), LastPart(address).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return NoSuchObject(address);
  if (!fd) return FailStep(address, PathOf(root_, address), errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return FailErrno("stat", PathOf(root_, address), errno);
  if (!S_ISREG(info.st_mode)) return NoSuchObject(address);
  return OpenedObject{std::move(fd), static_cast<std::uint64_t>(info.st_size), ModifiedOf(info)};
}

Status ObjectStore::CopyOut(const ObjectAddress& address, const std::string& local_path) {
  SMHOST_TRY(OpenedObject object, Open(address));
  std::string folder_path = local_path.find('/') == std::string::npos ? "." : FolderOf(local_path);
  SMHOST_TRY(Descriptor folder, OpenRoot(folder_path));
  std::string name = local_path.substr(local_path.find_last_of('/') + 1);
  SMHOST_TRY(Temporary temporary, Temporary::Make(folder.get(), folder_path, ".smhost-cp-", 0666));
  SMHOST_TRY_STATUS(CopyBytes(object.fd.get(), temporary.fd(), ObjectUrl(address), local_path));
  if (int error = temporary.RenameTo(folder.get(), name); error != 0) return FailErrno("write", local_path, error);
  return {};
}

Result<std::vector<ObjectInfo>> ObjectStore::List(const std::string& bucket, const std::string& prefix) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl({bucket, ""})));
  SMHOST_TRY(Descriptor root, OpenRoot(root_));
  Descriptor folder(::openat(root.get(), bucket.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder && errno == ENOENT)
    return Fail(Code::kNotFound, "s3://" + bucket +
                                     ": no such bucket in the local object store; `smhost cp FILE s3://" + bucket +
                                     "/KEY` makes it");
  if (!folder) return FailStep({bucket, prefix}, root_ + "/" + bucket, errno);
  std::vector<ObjectInfo> objects;
  SMHOST_TRY_STATUS(Collect(folder.get(), root_ + "/" + bucket, "", prefix, objects));
  std::sort(objects.begin(), objects.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return objects;
}

Result<std::vector<std::string>> ObjectStore::Buckets() {
  SMHOST_TRY(Descriptor root, OpenRoot(root_));
  SMHOST_TRY(auto entries, EntriesOf(root.get(), root_));
  std::vector<std::string> buckets;
  for (const Entry& entry : entries)
    if (S_ISDIR(entry.info.st_mode) && ParseObjectAddress(ObjectUrl({entry.name, ""}))) buckets.push_back(entry.name);
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

Status ObjectStore::Remove(const ObjectAddress& address) {
  SMHOST_TRY_STATUS(CheckObject(address));
  SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, false));
  std::string name = LastPart(address);
  struct stat info {};
  if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(info.st_mode))
    return NoSuchObject(address);
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0) return FailErrno("remove", PathOf(root_, address), errno);
  if (::fsync(folder.get()) != 0) return FailErrno("sync the folder of", PathOf(root_, address), errno);
  // rmdir refuses a folder that holds something, so this ends by itself.
  ObjectAddress parent = address;
  for (auto slash = parent.key.find_last_of('/'); slash != std::string::npos; slash = parent.key.find_last_of('/')) {
    parent.key.resize(slash);
    auto above = OpenFolderOf(root_, parent, false);
    if (!above || ::unlinkat(above->get(), LastPart(parent).c_str(), AT_REMOVEDIR) != 0) break;
  }
  return {};
}

Status ObjectStore::SweepTemporary() {
  auto root = OpenRoot(root_);
  if (!root && root.error().code == Code::kNotFound) return {};
  if (!root) return Fail(std::move(root).error());
  SMHOST_TRY(auto entries, EntriesOf(root->get(), root_));
  for (const Entry& entry : entries) {
    if (!entry.name.starts_with(kTemporaryPrefix) || !S_ISREG(entry.info.st_mode)) continue;
    Descriptor fd(::openat(root->get(), entry.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    // Its writer lives while it is locked.
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (::unlinkat(root->get(), entry.name.c_str(), 0) != 0 && errno != ENOENT)
      return FailErrno("remove", root_ + "/" + entry.name, errno);
  }
  return {};
}

}  // namespace smhost
