// The checksums that S3 clients send and ask for, computed as the bytes pass. An object belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace smhost {

class S3Checksum {
 public:
  virtual ~S3Checksum() = default;
  virtual void Update(std::string_view bytes) = 0;
  virtual std::string Finish() = 0;  // the raw bytes, big-endian; once
};

// "md5", "crc32", "crc32c", "crc64nvme", "sha1", "sha256"; null for another word.
std::unique_ptr<S3Checksum> MakeS3Checksum(std::string_view algorithm);
// Those that x-amz-checksum-… may name: all but "md5".
bool IsS3ChecksumAlgorithm(std::string_view algorithm);

}  // namespace smhost
