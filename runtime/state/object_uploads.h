// Uploads in parts that are not complete yet: folders objects/.smhost-uploads/<upload id>/ with a file for each part.
// The S3 API calls it, each request from its own thread; several processes may. A part is durable when PutPart returns
// and stays until its upload is completed or aborted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "state/objects.h"

namespace smhost {

struct UploadInfo {
  std::string id;
  ObjectAddress address;
  WallTime initiated;
  ObjectAttributes attributes;  // the object's, without ETag; checksum_algorithm is that of the parts
  bool whole_checksum = false;  // the checksum will be of the object's bytes; else of the parts' checksums
};

struct UploadedPart {
  int number = 0;
  std::uint64_t size_bytes = 0;
  WallTime modified;
  std::string md5;       // in hex: the part's ETag
  std::string checksum;  // base64, by the upload's algorithm; empty: none
  std::string file;      // its name in the upload's folder
};

class ObjectUploads {
 public:
  ObjectUploads(Files& files, const std::string& objects_root)
      : files_(files), root_(objects_root + "/.smhost-uploads") {}

  // The upload's id. kTooLarge past limits::kS3Uploads.
  Result<std::string> Create(const UploadInfo& upload);
  // kNotFound where there is none for that address.
  Result<UploadInfo> Find(const std::string& id, const ObjectAddress& address);
  // In the order of key and time.
  Result<std::vector<UploadInfo>> List(const std::string& bucket);
  // Replaces the part of that number.
  Status PutPart(const UploadInfo& upload, ObjectWriter& writer, const UploadedPart& part);
  Result<std::vector<UploadedPart>> Parts(const UploadInfo& upload);
  Result<Descriptor> OpenPart(const UploadInfo& upload, const UploadedPart& part);
  Status Remove(const UploadInfo& upload);
  // Removes what a Remove that was killed left behind; by the controller at its start.
  Status Sweep();

 private:
  std::string FolderOfUpload(const std::string& id) const { return root_ + "/" + id; }
  Result<UploadInfo> Read(const std::string& id);

  Files& files_;
  std::string root_;
};

}  // namespace smhost
