#include "state/object_lock.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "state/object_folders.h"

namespace smhost {

Result<BucketLock> BucketLock::Take(const std::string& root, const std::string& bucket) {
  SMHOST_TRY(Descriptor folder, object_folders::OpenBucket(root, bucket));
  while (::flock(folder.get(), LOCK_EX) != 0)
    if (errno != EINTR) return FailErrno("lock", root + "/" + bucket, errno);
  struct stat info {};
  bool stale = ::fstat(folder.get(), &info) == 0 && info.st_nlink == 0;
  return BucketLock(std::move(folder), stale);
}

}  // namespace smhost
