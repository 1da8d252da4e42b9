// Keeps a short text with a file or folder of the object store where a person who reads objects/ does not stumble over
// it: in the extended attribute user.smhost, or, where the file system has none or no room in it, in a file of
// objects/.smhost-meta/<bucket>/. Only the object store calls it; any thread, any process.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace smhost {

class ObjectNotes {
 public:
  // `use_attributes` false: as on a file system without them.
  ObjectNotes(std::string root, bool use_attributes) : root_(std::move(root)), use_attributes_(use_attributes) {}

  // `of`: the object's key, "NAME/" for a folder that stands for an object, "" for the bucket itself.
  std::optional<std::string> Read(int fd, const std::string& bucket, const std::string& of) const;
  // With the file itself, to be made durable by its next fsync. False: it has no room for it.
  bool Attach(int fd, const std::string& text) const;
  // Beside it; durable when it returns. The caller holds the bucket's lock, so that file and note change as one.
  Status WriteBeside(const std::string& bucket, const std::string& of, const std::string& text) const;
  void RemoveBeside(const std::string& bucket, const std::string& of) const;
  void Detach(int fd) const;
  void ForgetBucket(const std::string& bucket) const;

 private:
  std::string FolderOfBucket(const std::string& bucket) const { return root_ + "/.smhost-meta/" + bucket; }
  std::string PathBeside(const std::string& bucket, const std::string& of) const;

  std::string root_;
  bool use_attributes_;
};

}  // namespace smhost
