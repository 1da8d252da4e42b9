// What s3:// means on this machine: the object s3://bucket/key is the file objects/<bucket>/<key>. Commands put, list,
// copy out and remove; artifacts open; the S3 API does all of it for its clients. Any thread, any process: an object is
// replaced by a rename, so a reader has the old or the new one, whole.
//
// Nothing outside a bucket's folder is ever touched: names are checked, and every step of the path is opened without
// following links. Unlike in S3, "a" and "a/b" cannot both be objects. The key "a/" is an object where a client made it
// one (S3 consoles make folders so): the folder then says so in a note of its own and stays when it is empty.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"
#include "state/home.h"
#include "state/object_attributes.h"
#include "state/object_notes.h"

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
  std::string etag = {};  // without quotes; only where a page was asked for
};

struct OpenedObject {
  Descriptor fd;  // at its beginning, to be read; none for a key that ends in a slash
  std::uint64_t size_bytes = 0;
  WallTime modified;
  ObjectAttributes attributes;  // the ETag is always there
};

struct BucketInfo {
  std::string name;
  std::string account;  // its owner; a folder made by hand belongs to the local account
  WallTime created;
};

// Which part of a bucket's keys, in the order of their bytes.
struct PageQuestion {
  std::string prefix, delimiter;
  std::string after;  // only keys past it; a common prefix that is equal to it has been told already
  std::size_t most = 1000;
};
struct ObjectPage {
  std::vector<ObjectInfo> objects;
  std::vector<std::string>
      prefixes;  // what keys have in common up to the delimiter, for those that have it past the prefix
  bool truncated = false;
  std::string last;  // of both: `after` of the next page
};

// What must be true at the moment when an object takes its name; kDenied where it is not.
struct PutRule {
  bool make_bucket = true;             // false: kNotFound where the bucket is missing
  bool only_new = false;               // there is no such object yet
  std::optional<std::string> if_etag;  // there is, with this ETag
};

struct UnnamedObject;  // object_writer.h

// Takes the bytes of an object that has no name yet; gone without a trace unless ObjectStore::Finish gives it one.
class ObjectWriter {
 public:
  ObjectWriter(ObjectWriter&&) noexcept;
  ~ObjectWriter();
  Status Write(std::string_view bytes);
  int fd() const;

 private:
  friend class ObjectStore;
  friend class ObjectUploads;
  explicit ObjectWriter(std::unique_ptr<UnnamedObject> unnamed);
  std::unique_ptr<UnnamedObject> unnamed_;
};

class ObjectStore {
 public:
  explicit ObjectStore(const Home& home, bool use_attributes = true)
      : root_(home.Objects()), notes_(root_, use_attributes) {}

  // Durable when it returns. The source must be a regular file, or a descriptor that is read to its end.
  Status PutFile(const std::string& local_path, const ObjectAddress& address);
  Status Put(int source_fd, const ObjectAddress& address);
  Result<ObjectWriter> Begin();
  // Durable when it returns. Without attributes: a file like one put by hand.
  Result<ObjectInfo> Finish(ObjectWriter& writer, const ObjectAddress& address,
                            const std::optional<ObjectAttributes>& attributes, const PutRule& rule);
  // The object "NAME/", of no bytes.
  Result<ObjectInfo> PutMarker(const ObjectAddress& address, const ObjectAttributes& attributes, WallTime now,
                               const PutRule& rule);
  Result<OpenedObject> Open(const ObjectAddress& address);
  Result<OpenedObject> OpenMarker(const ObjectAddress& address);
  // Replaces the local file as a whole or leaves it alone.
  Status CopyOut(const ObjectAddress& address, const std::string& local_path);
  // Every object whose key begins with the prefix, sorted by key. kNotFound where the bucket does not exist.
  Result<std::vector<ObjectInfo>> List(const std::string& bucket, const std::string& prefix);
  Result<ObjectPage> ListPage(const std::string& bucket, const PageQuestion& question);
  // kNotFound where there is none. Folders that become empty go, unless they stand for an object; the bucket stays.
  Status Remove(const ObjectAddress& address);

  Result<std::vector<std::string>> Buckets();
  Result<BucketInfo> Bucket(const std::string& bucket);
  // kConflict where it exists.
  Status MakeBucket(const BucketInfo& bucket);
  // kConflict where anything is in it.
  Status RemoveBucket(const std::string& bucket);
  // Removes what a Put that was killed left behind; by the controller at its start.
  Status SweepTemporary();

  const std::string& root() const { return root_; }

 private:
  Status CheckRule(const ObjectAddress& address, const PutRule& rule);
  Status RemoveEmptyFolders(ObjectAddress address);
  std::optional<StoredAttributes> AttributesOf(int fd, const ObjectAddress& address) const;
  OpenedObject Opened(Descriptor fd, const struct stat& info, const ObjectAddress& address) const;

  std::string root_;
  ObjectNotes notes_;
};

}  // namespace smhost
