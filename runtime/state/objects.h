// What s3:// means on this machine: the object s3://bucket/key is the file objects/<bucket>/<key>. Commands put, list,
// copy out and remove; artifacts open. Any thread, any process: an object is replaced by a rename, so a reader has the
// old or the new one, whole.
//
// Nothing outside a bucket's folder is ever touched: names are checked, and every step of the path is opened without
// following links. Unlike in S3, "a" and "a/b" cannot both be objects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

struct ObjectAddress {
  std::string bucket, key;  // the key is empty where a bucket or a prefix of "" is meant
  bool operator==(const ObjectAddress&) const = default;
};

// "s3://bucket/key", "s3://bucket/", "s3://bucket". kInvalid, naming the rule: a bucket has 3 to 63 of a-z, 0-9, "."
// and "-", a letter or digit first and last, no ".." in it and not the form of an IP address; a key has at most 1024
// bytes, no NUL, and between its slashes no empty part, no "." or ".." and none over 255 bytes. One slash may end it: a
// prefix.
Result<ObjectAddress> ParseObjectAddress(std::string_view url);
std::string ObjectUrl(const ObjectAddress& address);

struct ObjectInfo {
  std::string key;
  std::uint64_t size_bytes = 0;
  WallTime modified;
};

struct OpenedObject {
  Descriptor fd;  // at its beginning, to be read
  std::uint64_t size_bytes = 0;
  WallTime modified;
};

class ObjectStore {
 public:
  explicit ObjectStore(const Home& home) : root_(home.Objects()) {}

  // Durable when it returns. The source must be a regular file, or a descriptor that is read to its end.
  Status PutFile(const std::string& local_path, const ObjectAddress& address);
  Status Put(int source_fd, const ObjectAddress& address);
  Result<OpenedObject> Open(const ObjectAddress& address);
  // Replaces the local file as a whole or leaves it alone.
  Status CopyOut(const ObjectAddress& address, const std::string& local_path);
  // Every object whose key begins with the prefix, sorted by key. kNotFound where the bucket does not exist.
  Result<std::vector<ObjectInfo>> List(const std::string& bucket, const std::string& prefix);
  Result<std::vector<std::string>> Buckets();
  // kNotFound where there is none. Folders that become empty go; the bucket stays.
  Status Remove(const ObjectAddress& address);
  // Removes what a Put that was killed left behind; by the controller at its start.
  Status SweepTemporary();

 private:
  std::string root_;
};

}  // namespace smhost
