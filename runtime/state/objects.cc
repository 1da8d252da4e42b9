#include "state/objects.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "state/object_folders.h"
#include "state/object_lock.h"
#include "state/object_uploads.h"
#include "state/object_writer.h"

namespace smhost {

using namespace object_folders;

namespace {

constexpr int kPlaceTries = 8;

Status EnsureBucket(const std::string& root, const ObjectAddress& address, const PutRule& rule) {
  if (!rule.make_bucket) return {};
  SMHOST_TRY(Descriptor made, OpenFolderOf(root, {address.bucket, "any"}, Making::kAll));
  return {};
}

}  // namespace

std::optional<StoredAttributes> ObjectStore::AttributesOf(int fd, const ObjectAddress& address) const {
  auto note = notes_.Read(fd, address.bucket, address.key);
  return note ? DecodeAttributes(*note) : std::nullopt;
}

OpenedObject ObjectStore::Opened(Descriptor fd, const struct stat& info, const ObjectAddress& address) const {
  OpenedObject object{{}, static_cast<std::uint64_t>(info.st_size), ModifiedOf(info), {}};
  auto stored = AttributesOf(fd.get(), address);
  object.fd = std::move(fd);
  if (stored && stored->size_bytes == object.size_bytes && stored->modified == object.modified)
    object.attributes = std::move(stored->attributes);
  else
    object.attributes.etag = EtagOfFile(object.size_bytes, object.modified);
  return object;
}

Status ObjectStore::CheckRule(const ObjectAddress& address, const PutRule& rule) {
  if (!rule.only_new && !rule.if_etag) return {};
  auto present = address.key.ends_with('/') ? OpenMarker(address) : Open(address);
  if (!present && present.error().code != Code::kNotFound) return Fail(std::move(present).error());
  if (rule.only_new && present) return Fail(Code::kDenied, ObjectUrl(address) + ": there is such an object already");
  if (!rule.if_etag) return {};
  if (!present) return Fail(std::move(present).error());
  if (*rule.if_etag != "*" && *rule.if_etag != present->attributes.etag)
    return Fail(Code::kDenied, ObjectUrl(address) + ": the object has another ETag, " + present->attributes.etag);
  return {};
}

Result<ObjectInfo> ObjectStore::Finish(ObjectWriter& writer, const ObjectAddress& address,
                                       const std::optional<ObjectAttributes>& attributes, const PutRule& rule) {
  SMHOST_TRY_STATUS(CheckObject(address));
  Temporary& temporary = writer.unnamed_->temporary;
  struct stat info {};
  if (::fstat(temporary.fd(), &info) != 0) return FailErrno("stat", PathOf(root_, address), errno);
  ObjectInfo made{address.key, static_cast<std::uint64_t>(info.st_size), ModifiedOf(info)};
  std::string note;
  if (attributes) note = EncodeAttributes(*attributes, made.size_bytes, made.modified);
  bool beside = attributes && !notes_.Attach(temporary.fd(), note);
  if (::fsync(temporary.fd()) != 0) return FailErrno("sync", PathOf(root_, address), errno);
  for (int tries = 1;; ++tries) {
    SMHOST_TRY_STATUS(EnsureBucket(root_, address, rule));
    SMHOST_TRY(BucketLock lock, BucketLock::Take(root_, address.bucket));
    // Somebody removed the bucket just now.
    if (lock.stale() && rule.make_bucket && tries < kPlaceTries) continue;
    SMHOST_TRY_STATUS(CheckRule(address, rule));
    SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, Making::kBelowBucket));
    if (beside) SMHOST_TRY_STATUS(notes_.WriteBeside(address.bucket, address.key, note));
    int error = temporary.RenameTo(folder.get(), LastPart(address), rule.only_new);
    if (error == EEXIST && rule.only_new)
      return Fail(Code::kDenied, ObjectUrl(address) + ": there is such an object already");
    if (error != 0) return FailStep(address, PathOf(root_, address), error);
    if (::fsync(folder.get()) != 0) return FailErrno("sync the folder of", PathOf(root_, address), errno);
    return made;
  }
}

Result<ObjectInfo> ObjectStore::PutMarker(const ObjectAddress& address, const ObjectAttributes& attributes,
                                          WallTime now, const PutRule& rule) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl(address)));
  SMHOST_TRY_STATUS(EnsureBucket(root_, address, rule));
  SMHOST_TRY(BucketLock lock, BucketLock::Take(root_, address.bucket));
  SMHOST_TRY_STATUS(CheckRule(address, rule));
  SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, Making::kBelowBucket));
  std::string note = EncodeAttributes(attributes, 0, now);
  if (!notes_.Attach(folder.get(), note)) SMHOST_TRY_STATUS(notes_.WriteBeside(address.bucket, address.key, note));
  if (::fsync(folder.get()) != 0) return FailErrno("sync", PathOf(root_, address), errno);
  return ObjectInfo{address.key, 0, now};
}

Status ObjectStore::Put(int source_fd, const ObjectAddress& address) {
  SMHOST_TRY_STATUS(CheckObject(address));
  SMHOST_TRY(ObjectWriter writer, Begin());
  SMHOST_TRY_STATUS(CopyBytes(source_fd, writer.fd(), "the source of " + ObjectUrl(address), PathOf(root_, address)));
  SMHOST_TRY(ObjectInfo made, Finish(writer, address, std::nullopt, {}));
  return {};
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
  SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, Making::kNothing));
  Descriptor fd(::openat(folder.get(), LastPart(address).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return NoSuchObject(address);
  if (!fd) return FailStep(address, PathOf(root_, address), errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return FailErrno("stat", PathOf(root_, address), errno);
  if (!S_ISREG(info.st_mode)) return NoSuchObject(address);
  return Opened(std::move(fd), info, address);
}

Result<OpenedObject> ObjectStore::OpenMarker(const ObjectAddress& address) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl(address)));
  SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, Making::kNothing));
  auto stored = AttributesOf(folder.get(), address);
  if (!stored) return NoSuchObject(address);
  return OpenedObject{{}, 0, stored->modified, std::move(stored->attributes)};
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

// rmdir refuses a folder that holds something, so this ends by itself. The caller holds the bucket's lock.
Status ObjectStore::RemoveEmptyFolders(ObjectAddress address) {
  for (auto slash = address.key.find_last_of('/'); slash != std::string::npos; slash = address.key.find_last_of('/')) {
    address.key.resize(slash + 1);
    if (OpenMarker(address)) break;
    address.key.resize(slash);
    auto above = OpenFolderOf(root_, address, Making::kNothing);
    if (!above || ::unlinkat(above->get(), LastPart(address).c_str(), AT_REMOVEDIR) != 0) break;
  }
  return {};
}

Status ObjectStore::Remove(const ObjectAddress& address) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl(address)));
  if (address.key.empty()) SMHOST_TRY_STATUS(CheckObject(address));
  SMHOST_TRY(BucketLock lock, BucketLock::Take(root_, address.bucket));
  SMHOST_TRY(Descriptor folder, OpenFolderOf(root_, address, Making::kNothing));
  if (address.key.ends_with('/')) {
    if (!AttributesOf(folder.get(), address)) return NoSuchObject(address);
    notes_.Detach(folder.get());
  } else {
    std::string name = LastPart(address);
    struct stat info {};
    if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(info.st_mode))
      return NoSuchObject(address);
    if (::unlinkat(folder.get(), name.c_str(), 0) != 0) return FailErrno("remove", PathOf(root_, address), errno);
  }
  notes_.RemoveBeside(address.bucket, address.key);
  if (::fsync(folder.get()) != 0) return FailErrno("sync the folder of", PathOf(root_, address), errno);
  return RemoveEmptyFolders(address);
}

Status ObjectStore::SweepTemporary() {
  auto root = OpenRoot(root_);
  if (!root && root.error().code == Code::kNotFound) return {};
  if (!root) return Fail(std::move(root).error());
  SMHOST_TRY(auto entries, EntriesOf(root->get(), root_));
  for (const Entry& entry : entries) {
    if (!entry.name.starts_with(kTemporaryPrefix)) continue;
    // A bucket that was being made has nothing in it, and its maker makes another one.
    if (S_ISDIR(entry.info.st_mode)) (void)::unlinkat(root->get(), entry.name.c_str(), AT_REMOVEDIR);
    if (!S_ISREG(entry.info.st_mode)) continue;
    Descriptor fd(::openat(root->get(), entry.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    // Its writer lives while it is locked.
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (::unlinkat(root->get(), entry.name.c_str(), 0) != 0 && errno != ENOENT)
      return FailErrno("remove", root_ + "/" + entry.name, errno);
  }
  auto files = MakeSystemFiles();
  return ObjectUploads(*files, root_).Sweep();
}

}  // namespace smhost
