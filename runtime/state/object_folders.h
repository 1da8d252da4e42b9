// How the object store walks its folders: every step is opened without following links, so that no key leads out of its
// bucket. Only objects.cc and its siblings in this folder call it; any thread; nothing here has a state.
#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "state/objects.h"

namespace smhost::object_folders {

inline constexpr const char* kTemporaryPrefix = ".put-";  // no bucket's name begins with a dot
inline constexpr std::size_t kKeyBytes = 1024;            // what lies deeper no key can name

// Is it a name of objects, and none of prefixes? Checked anew, because an address may have been put together by hand.
Status CheckObject(const ObjectAddress& address);
std::string PathOf(const std::string& root, const ObjectAddress& address);
std::string LastPart(const ObjectAddress& address);

tl::unexpected<Error> NoSuchObject(const ObjectAddress& address);
tl::unexpected<Error> NoSuchBucket(const std::string& bucket);
// The step of the path that failed, in the words of an object store.
tl::unexpected<Error> FailStep(const ObjectAddress& address, const std::string& path, int error);

Result<Descriptor> OpenRoot(const std::string& root);
Result<Descriptor> OpenBucket(const std::string& root, const std::string& bucket);
enum class Making { kNothing, kBelowBucket, kAll };
// The folder that holds the last part. Missing folders are made, durably, where `making` says so.
Result<Descriptor> OpenFolderOf(const std::string& root, const ObjectAddress& address, Making making);

struct Entry {
  std::string name;
  struct stat info {};
};
// Without "." and ".."; one that vanishes meanwhile is left out.
Result<std::vector<Entry>> EntriesOf(int folder, const std::string& path);
WallTime ModifiedOf(const struct stat& info);

Status WriteAll(int to, std::string_view bytes, const std::string& path);
Status CopyBytes(int from, int to, const std::string& from_path, const std::string& to_path);

// A file under a name of its own in `folder`, locked while it is written, gone with this object unless it was renamed.
class Temporary {
 public:
  static Result<Temporary> Make(int folder, const std::string& folder_path, const std::string& prefix, mode_t mode);
  Temporary(Temporary&&) = default;
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary();

  int fd() const { return fd_.get(); }
  // 0 or an errno. `only_new`: EEXIST where the name is taken.
  int RenameTo(int folder, const std::string& name, bool only_new = false);

 private:
  Temporary() = default;
  Descriptor fd_;
  int folder_ = -1;
  std::string name_;
};

}  // namespace smhost::object_folders
