#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <limits>

#include "base/utf8.h"
#include "state/object_folders.h"
#include "state/objects.h"

namespace smhost {

using namespace object_folders;

namespace {

// Goes through a bucket in the order of its keys and stops at the end of the page, so that a page of a large bucket
// costs what is on it and the names in the folders above it.
class PageWalk {
 public:
  using Info = std::function<std::optional<ObjectInfo>(int folder, const Entry& entry, const std::string& key)>;
  using Marked = std::function<std::optional<ObjectInfo>(int folder, const std::string& key)>;

  PageWalk(const PageQuestion& question, Info info, Marked marked)
      : question_(question), info_(std::move(info)), marked_(std::move(marked)) {}

  Status Walk(int folder, const std::string& path, const std::string& at) {
    SMHOST_TRY(auto entries, EntriesOf(folder, path));
    // A folder stands where its first key does: behind "a-" and "a.", before "a0".
    std::erase_if(entries, [](Entry& entry) {
      if (S_ISDIR(entry.info.st_mode)) entry.name += '/';
      return !(S_ISDIR(entry.info.st_mode) || S_ISREG(entry.info.st_mode)) || !IsUtf8(entry.name);
    });
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const Entry& entry : entries) {
      if (done_) break;
      std::string key = at + entry.name;
      if (S_ISDIR(entry.info.st_mode)) {
        SMHOST_TRY_STATUS(WalkInto(folder, path, entry.name, key));
      } else if (Wanted(key)) {
        if (auto info = info_(folder, entry, key)) Offer(std::move(*info));
      }
    }
    return {};
  }

  ObjectPage page;

 private:
  Status WalkInto(int folder, const std::string& path, std::string name, const std::string& key) {
    if (key.size() > kKeyBytes || !MayHold(key)) return {};
    name.pop_back();
    Descriptor next(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == ENOENT) return {};
    if (!next) return FailErrno("open", path + "/" + name, errno);
    if (Wanted(key))
      if (auto marker = marked_(next.get(), key)) Offer(std::move(*marker));
    if (done_ || !MayHold(key)) return {};
    return Walk(next.get(), path + "/" + name, key);
  }

  bool Rolled(const std::string& key) const { return !rolled_.empty() && key.starts_with(rolled_); }

  bool MayHold(const std::string& folder_key) const {
    if (!folder_key.starts_with(question_.prefix) && !question_.prefix.starts_with(folder_key)) return false;
    if (folder_key < question_.after && !question_.after.starts_with(folder_key)) return false;
    return !Rolled(folder_key);
  }

  bool Wanted(const std::string& key) const {
    return key.starts_with(question_.prefix) && key > question_.after && !Rolled(key);
  }

  void Offer(ObjectInfo info) {
    std::string common;
    if (!question_.delimiter.empty())
      if (auto at = info.key.find(question_.delimiter, question_.prefix.size()); at != std::string::npos)
        common = info.key.substr(0, at + question_.delimiter.size());
    if (!common.empty()) rolled_ = common;
    if (!common.empty() && common == question_.after) return;
    if (page.objects.size() + page.prefixes.size() >= question_.most) {
      page.truncated = question_.most > 0;
      done_ = true;
      return;
    }
    page.last = common.empty() ? info.key : common;
    if (common.empty())
      page.objects.push_back(std::move(info));
    else
      page.prefixes.push_back(std::move(common));
  }

  const PageQuestion& question_;
  Info info_;
  Marked marked_;
  std::string rolled_;  // the common prefix that was told last: no key of it is needed any more
  bool done_ = false;
};

}  // namespace

Result<ObjectPage> ObjectStore::ListPage(const std::string& bucket, const PageQuestion& question) {
  SMHOST_TRY(Descriptor folder, OpenBucket(root_, bucket));
  auto info = [&](int in, const Entry& entry, const std::string& key) -> std::optional<ObjectInfo> {
    Descriptor fd(::openat(in, entry.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    // One that may not be read is an object all the same; a link that took its place is none.
    if (!fd && (errno == EACCES || errno == EPERM)) {
      auto size_bytes = static_cast<std::uint64_t>(entry.info.st_size);
      WallTime modified = ModifiedOf(entry.info);
      return ObjectInfo{key, size_bytes, modified, EtagOfFile(size_bytes, modified)};
    }
    struct stat now {};
    if (!fd || ::fstat(fd.get(), &now) != 0 || !S_ISREG(now.st_mode)) return std::nullopt;
    OpenedObject object = Opened(std::move(fd), now, {bucket, key});
    return ObjectInfo{key, object.size_bytes, object.modified, std::move(object.attributes.etag)};
  };
  auto marked = [&](int fd, const std::string& key) -> std::optional<ObjectInfo> {
    auto stored = AttributesOf(fd, {bucket, key});
    if (!stored) return std::nullopt;
    return ObjectInfo{key, 0, stored->modified, std::move(stored->attributes.etag)};
  };
  PageWalk walk(question, info, marked);
  SMHOST_TRY_STATUS(walk.Walk(folder.get(), root_ + "/" + bucket, ""));
  return std::move(walk.page);
}

Result<std::vector<ObjectInfo>> ObjectStore::List(const std::string& bucket, const std::string& prefix) {
  SMHOST_TRY(ObjectPage page, ListPage(bucket, {prefix, "", "", std::numeric_limits<std::size_t>::max()}));
  return std::move(page.objects);
}

}  // namespace smhost
