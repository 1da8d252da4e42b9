#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/json.h"
#include "base/random.h"
#include "state/object_folders.h"
#include "state/object_lock.h"
#include "state/objects.h"

namespace smhost {

using namespace object_folders;

namespace {

constexpr std::size_t kNoteBytes = 4096;

// Folders without a file in them, as a person may have made; ENOTEMPTY where there is anything else.
int RemoveEmptyTree(int folder, const std::string& path) {
  auto entries = EntriesOf(folder, path);
  if (!entries) return EIO;
  for (const Entry& entry : *entries) {
    if (!S_ISDIR(entry.info.st_mode)) return ENOTEMPTY;
    Descriptor next(::openat(folder, entry.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return errno;
    if (int error = RemoveEmptyTree(next.get(), path + "/" + entry.name); error != 0) return error;
    if (::unlinkat(folder, entry.name.c_str(), AT_REMOVEDIR) != 0) return errno;
  }
  return 0;
}

}  // namespace

Result<std::vector<std::string>> ObjectStore::Buckets() {
  SMHOST_TRY(Descriptor root, OpenRoot(root_));
  SMHOST_TRY(auto entries, EntriesOf(root.get(), root_));
  std::vector<std::string> buckets;
  for (const Entry& entry : entries)
    if (S_ISDIR(entry.info.st_mode) && ParseObjectAddress(ObjectUrl({entry.name, ""}))) buckets.push_back(entry.name);
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

Result<BucketInfo> ObjectStore::Bucket(const std::string& bucket) {
  SMHOST_TRY(Descriptor folder, OpenBucket(root_, bucket));
  struct stat info {};
  if (::fstat(folder.get(), &info) != 0) return FailErrno("stat", root_ + "/" + bucket, errno);
  BucketInfo found{bucket, kLocalAccount, ModifiedOf(info)};
  auto note = notes_.Read(folder.get(), bucket, "");
  if (!note) return found;
  auto json = ParseJson(*note, "the note of s3://" + bucket, kNoteBytes);
  // Whose it is must be known: a wrong guess would open it to somebody else.
  if (!json || StringOr(*json, "account").empty())
    return Fail(Code::kCorrupt,
                "s3://" + bucket +
                    ": the note of its folder does not tell the owner; remove it with `setfattr -x user.smhost " +
                    root_ + "/" + bucket + "`: the bucket is the local account's then");
  found.account = StringOr(*json, "account");
  found.created = ParseIso8601(StringOr(*json, "created"));
  return found;
}

Status ObjectStore::MakeBucket(const BucketInfo& bucket) {
  SMHOST_TRY_STATUS(ParseObjectAddress(ObjectUrl({bucket.name, ""})));
  SMHOST_TRY(Descriptor root, OpenRoot(root_));
  while (::flock(root.get(), LOCK_EX) != 0)
    if (errno != EINTR) return FailErrno("lock", root_, errno);
  auto exists = [&] { return Fail(Code::kConflict, "s3://" + bucket.name + ": there is such a bucket already"); };
  if (OpenBucket(root_, bucket.name)) return exists();
  std::string note = CompactJson({{"account", bucket.account}, {"created", FormatIso8601(bucket.created)}});
  // It takes its name only with its owner: no moment shows it as the local account's.
  std::string temporary = kTemporaryPrefix + RandomHex(8);
  if (::mkdirat(root.get(), temporary.c_str(), 0700) != 0)
    return FailErrno("make folder", root_ + "/" + temporary, errno);
  Descriptor folder(::openat(root.get(), temporary.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  bool attached = folder && notes_.Attach(folder.get(), note);
  Status beside = attached ? Status() : notes_.WriteBeside(bucket.name, "", note);
  int error = !folder || ::fsync(folder.get()) != 0 ? errno : 0;
  if (beside && error == 0 &&
      ::renameat2(root.get(), temporary.c_str(), root.get(), bucket.name.c_str(), RENAME_NOREPLACE) != 0)
    error = errno;
  if (!beside || error != 0) {
    ::unlinkat(root.get(), temporary.c_str(), AT_REMOVEDIR);
    notes_.RemoveBeside(bucket.name, "");
    if (!beside) return beside;
    if (error == EEXIST) return exists();
    return FailErrno("make folder", root_ + "/" + bucket.name, error);
  }
  if (::fsync(root.get()) != 0) return FailErrno("sync", root_, errno);
  return {};
}

Status ObjectStore::RemoveBucket(const std::string& bucket) {
  SMHOST_TRY(BucketLock lock, BucketLock::Take(root_, bucket));
  SMHOST_TRY(ObjectPage page, ListPage(bucket, {"", "", "", 1}));
  SMHOST_TRY(Descriptor root, OpenRoot(root_));
  SMHOST_TRY(Descriptor folder, OpenBucket(root_, bucket));
  int error = page.objects.empty() ? RemoveEmptyTree(folder.get(), root_ + "/" + bucket) : ENOTEMPTY;
  if (error == 0 && ::unlinkat(root.get(), bucket.c_str(), AT_REMOVEDIR) != 0) error = errno;
  if (error == ENOTEMPTY || error == EEXIST)
    return Fail(Code::kConflict,
                "s3://" + bucket + ": the bucket is not empty" +
                    (page.objects.empty()
                         ? ": what no key names (links, devices, names that are no UTF-8) is in " + root_ + "/" + bucket
                         : ""));
  if (error != 0) return FailErrno("remove", root_ + "/" + bucket, error);
  notes_.ForgetBucket(bucket);
  if (::fsync(root.get()) != 0) return FailErrno("sync", root_, errno);
  return {};
}

}  // namespace smhost
